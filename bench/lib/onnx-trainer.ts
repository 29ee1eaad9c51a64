/** Training steps on ONNX Runtime. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { layoutsOf, lower, pack, type Target } from '../../src/lowering/index.js';
import { GraphBuilder, writeModel } from '../../src/onnx/index.js';
import { alignedFloats } from '../../src/runtime/index.js';
import { seededRandom } from './random.js';
import type { TrainingStep } from './training-step.js';

const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  logSeverityLevel: 3,
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
});

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** A batch of noise, and one class for each image. */
function batchOf({ images, target }: TrainingStep): Record<string, Tensor> {
  const random = seededRandom(1);
  const [count, classes] = target as [number, number];
  const pixels = Float32Array.from({ length: product(images) }, () => 2 * random() - 1);
  const hot = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) hot[i * classes + Math.floor(random() * classes)] = 1;
  return { images: new Tensor('float32', pixels, images), target: new Tensor('float32', hot, target) };
}

export class OnnxTrainer {
  /** What the next step reads, and where it writes. */
  private readonly feeds: Record<string, Tensor>;
  private readonly spare: Record<string, Tensor> = {};

  private constructor(
    private readonly session: InferenceSession,
    private readonly step: TrainingStep,
    feeds: Record<string, Tensor>,
  ) {
    this.feeds = feeds;
    const arrays = alignedFloats(step.state.map(({ values }) => values.length));
    step.state.forEach(({ input, dims }, i) => {
      this.spare[input] = new Tensor('float32', arrays[i]!, dims);
    });
  }

  /** @param profile the beginning of the name of a file for a profile by operator */
  static async create(
    step: TrainingStep,
    target: Target,
    threads: number,
    profile?: string,
  ): Promise<OnnxTrainer> {
    const model = lower(step.model, { target, state: step.state });
    const layouts = layoutsOf(model);
    const feeds = batchOf(step);
    const arrays = alignedFloats(step.state.map(({ values }) => values.length));
    step.state.forEach(({ input, dims, values }, i) => {
      const layout = layouts?.byName.get(input) ?? 'plain';
      arrays[i]!.set(layouts ? pack(values, dims, layout, layouts.block) : values);
      feeds[input] = new Tensor('float32', arrays[i]!, dims);
    });
    const session = await InferenceSession.create(writeModel(model), {
      ...sessionOptions(threads),
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    });
    return new OnnxTrainer(session, step, feeds);
  }

  /** One step; gives its milliseconds and the loss before it. */
  async train(): Promise<{ milliseconds: number; loss: number }> {
    const { session, step, feeds, spare } = this;
    const fetches: Record<string, Tensor | null> = { loss: null };
    for (const { input, output } of step.state) fetches[output] = spare[input]!;
    const start = performance.now();
    const results = await session.run(feeds, fetches as Record<string, Tensor>);
    const milliseconds = performance.now() - start;
    for (const { input } of step.state) [feeds[input], spare[input]] = [spare[input]!, feeds[input]!];
    return { milliseconds, loss: (results.loss!.data as Float32Array)[0]! };
  }

  async stop(): Promise<void> {
    this.session.endProfiling();
    await this.session.release();
  }
}

const SIDE = 1024;
const ROUNDS = 12;

/** Floating-point operations a second of a product of matrices of 1024 × 1024, the best of some rounds. */
export async function matMulPeak(threads: number): Promise<number> {
  const g = new GraphBuilder({ name: 'peak' });
  const shape = [SIDE, SIDE];
  const [a, b] = [g.input('a', 'float32', shape), g.input('b', 'float32', shape)];
  g.output(g.op('MatMul', [a, b]), 'y');
  const session = await InferenceSession.create(writeModel(g.build()), sessionOptions(threads));
  const random = seededRandom(2);
  const matrix = () => new Tensor('float32', Float32Array.from({ length: SIDE * SIDE }, random), shape);
  const feeds = { a: matrix(), b: matrix() };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  await session.release();
  return (2 * SIDE ** 3) / (best / 1e3);
}
