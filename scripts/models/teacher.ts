/** The mean predictions of trained models on stores, as targets for students. */
import { basename } from 'node:path';
import { boxesOf, Loader, StoreUnion } from '../../src/data/index.js';
import { decodeOutputs, type ModelMetadata, readMetadata } from '../../src/metadata/index.js';
import { readModelFile } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/index.js';
import { floatData, floatTensor } from '../../src/runtime/index.js';
import { createSession } from '../../src/runtime/node.js';
import { type Taught, TEACHER_YEARS } from '../../src/train/index.js';
import { rowsOfPart } from './part-rows.js';

/** Faces in a run of a model. */
const BATCH = 32;

export interface TeachOptions {
  /** The split of every store, and the part to predict. */
  readonly split: string;
  readonly part: string;
  readonly threads?: number | undefined;
  /** The number of faces predicted by every model so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The mean of the models' predictions for each face and its mirror image.
 * @param models `.onnx` files of runs, which predict the ages 0..100 and gender
 * @param folders of stores
 * @throws Error if a model predicts other ages, or no gender.
 */
export async function teach(
  models: readonly string[],
  folders: readonly string[],
  { split, part, threads, onProgress }: TeachOptions,
): Promise<Taught[]> {
  const stores = await StoreUnion.open(folders);
  try {
    const rows = await rowsOfPart(stores, split, part);
    const sums = new Map(
      Array.from(rows, (row) => [row, { age: new Float64Array(TEACHER_YEARS), male: 0, count: 0 }]),
    );
    for (const [i, file] of models.entries()) {
      const model = await readModelFile(file);
      const metadata = readMetadata(model, basename(file));
      checkOutputs(metadata);
      const session = await createSession(writeModel(model), file, threads === undefined ? {} : { threads });
      const loader = await Loader.create(stores, {
        input: metadata.input,
        batch: BATCH,
        rows,
        boxes: stores.infos.map(({ boxes }) => boxes && boxesOf(boxes)),
        sampling: 'stored',
      });
      try {
        let done = 0;
        for await (const batch of loader.batches({ epochs: 1 })) {
          const count = batch.rows.length;
          const { height, width } = metadata.input;
          const picture = batch.images.subarray(0, count * 3 * height * width);
          for (const images of [picture, mirrored(picture, width)]) {
            const outputs = [metadata.age!.name, metadata.gender!.name];
            const feeds = { [model.graph.inputs[0]!.name]: floatTensor(images, [count, 3, height, width]) };
            const found = await session.run(feeds, outputs);
            const raw = { age: floatData(found[outputs[0]!]!), gender: floatData(found[outputs[1]!]!) };
            decodeOutputs(metadata, raw, count).forEach(({ age, female }, j) => {
              const sum = sums.get(batch.rows[j]!)!;
              for (let k = 0; k < TEACHER_YEARS; k++) sum.age[k]! += age.probabilities[k]!;
              sum.male += 1 - female!;
              sum.count++;
            });
          }
          done += count;
          onProgress?.(i * rows.length + done, models.length * rows.length);
        }
      } finally {
        await loader.close();
        await session.dispose();
      }
    }
    const taught: Taught[] = [];
    for await (const { index, path } of stores.rows()) {
      const sum = sums.get(index);
      // A picture that cannot be read was left out.
      if (sum === undefined || sum.count === 0) continue;
      taught.push({ path, age: sum.age.map((p) => p / sum.count), male: sum.male / sum.count });
    }
    return taught;
  } finally {
    await stores.close();
  }
}

function checkOutputs({ name, age, gender, input }: ModelMetadata): void {
  const years =
    age?.classes.length === TEACHER_YEARS && age.classes.every((c, k) => c.from === k && c.to === k);
  if (!years || gender === null) {
    throw new Error(
      `Model '${name}': expected one that predicts the ages 0 to ${TEACHER_YEARS - 1} and gender, found another`,
    );
  }
  if (input.layout !== 'NCHW') {
    throw new Error(`Model '${name}': expected an input of the layout NCHW, found ${input.layout}`);
  }
}

/** Rows of `width`, mirrored. */
function mirrored(images: Float32Array, width: number): Float32Array {
  const turned = Float32Array.from(images);
  for (let at = 0; at < turned.length; at += width) turned.subarray(at, at + width).reverse();
  return turned;
}
