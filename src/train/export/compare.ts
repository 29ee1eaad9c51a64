/** A network and the same in 8 bits, on faces that neither was made with. */
import type { Batch } from '../../data/index.js';
import { type Figures, Predictions } from '../../metrics/index.js';
import { type Model, writeModel } from '../../onnx/index.js';
import {
  floatData,
  floatTensor,
  type Session,
  type SessionOptions,
  type Tensors,
} from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { AGE, GENDER } from '../graph/index.js';
import type { Part } from './join.js';

export interface Measured {
  /** The file's size. */
  readonly bytes: number;
  /** See `Predictions`. */
  readonly figures: Figures;
  /** The median time per face. */
  readonly milliseconds: number;
}

/**
 * Runs both on every batch, alternating which is first, so that other load on the machine affects both.
 * @param models with the same inputs and outputs as `part`'s
 */
export async function compare<Name extends string>(
  models: Readonly<Record<Name, Model>>,
  part: Omit<Part, 'model'>,
  batches: AsyncIterable<Pick<Batch, 'images' | 'ages' | 'genders'>>,
  options: SessionOptions = {},
): Promise<Record<Name, Measured>> {
  const candidates: Candidate[] = [];
  try {
    for (const [name, model] of Object.entries<Model>(models)) {
      candidates.push(await Candidate.load(name, model, part, options));
    }
    let first = 0;
    for await (const batch of batches) {
      const order = [...candidates.slice(first), ...candidates.slice(0, first)];
      for (const candidate of order) await candidate.look(batch);
      first = (first + 1) % candidates.length;
    }
    return Object.fromEntries(candidates.map((c) => [c.name, c.measured()])) as Record<Name, Measured>;
  } finally {
    for (const candidate of candidates) await candidate.dispose();
  }
}

class Candidate {
  private readonly predictions: Predictions;
  private readonly times: number[] = [];

  private constructor(
    readonly name: string,
    private readonly bytes: number,
    private readonly session: Session,
    private readonly part: Omit<Part, 'model'>,
  ) {
    this.predictions = new Predictions(part.classes);
  }

  static async load(name: string, model: Model, part: Omit<Part, 'model'>, options: SessionOptions) {
    const bytes = writeModel(model);
    const session = await createSession(bytes, name, options);
    const candidate = new Candidate(name, bytes.length, session, part);
    // The first run takes longer than any other.
    const { width, height } = part.input;
    await candidate.run(new Float32Array(3 * width * height), 1);
    return candidate;
  }

  async look({ images, ages, genders }: Pick<Batch, 'images' | 'ages' | 'genders'>): Promise<void> {
    const start = performance.now();
    const found = await this.run(images, ages.length);
    this.times.push((performance.now() - start) / ages.length);
    if (found[AGE]) this.predictions.addAges(floatData(found[AGE]), ages);
    if (found[GENDER]) this.predictions.addGenders(floatData(found[GENDER]), genders);
  }

  measured(): Measured {
    const sorted = this.times.toSorted((a, b) => a - b);
    const middle = sorted.length / 2;
    const milliseconds = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
    return { bytes: this.bytes, figures: this.predictions.figures(), milliseconds };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private run(images: Float32Array, count: number): Promise<Tensors> {
    const { width, height } = this.part.input;
    return this.session.run({ [this.part.images]: floatTensor(images, [count, 3, height, width]) });
  }
}
