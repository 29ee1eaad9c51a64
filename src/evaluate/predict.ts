/** Runs networks over labelled pictures: bytes → image → face → crops → the prediction of each network. */
import { type AgeDistribution, OLDEST, yearProbabilities } from '../age/index.js';
import { decodePicture, rejectBox } from '../data/index.js';
import { AgewiseError } from '../errors/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import type { Prediction } from '../metadata/index.js';
import { YEARS } from '../metrics/index.js';
import { EvaluationError } from './error.js';
import type { LabelledPicture } from './pictures.js';
import type { ModelPrediction, PredictedFace } from './predictions.js';

/** Faces in one run of the networks. */
const BATCH = 32;

/** No one has lived longer: a higher number is not an age in years. */
const LONGEST_LIFE = 125;

export interface PredictOptions {
  /** The predictions for the first pictures, made before; these pictures are skipped. */
  readonly done?: readonly PredictedFace[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The predictions for each picture, in order, a batch at a time: only the pictures of one batch are in memory.
 * @throws EvaluationError if a label is not an age in years, or `done` is of other pictures; the signal's reason if it is
 *   aborted
 */
export async function* predictFaces(
  pictures: AsyncIterable<LabelledPicture>,
  networks: Pick<FaceNetworks, 'findLabelled' | 'allocate' | 'prepare' | 'predict'>,
  { done = [], signal }: PredictOptions = {},
): AsyncGenerator<PredictedFace[], void, undefined> {
  // Twelve megabytes for each batch would keep the garbage collector busy.
  const crops = networks.allocate(BATCH);
  let skipped = 0;
  let batch: LabelledPicture[] = [];
  for await (const picture of pictures) {
    if (skipped < done.length) {
      mustBeSame(picture, done[skipped++]!);
      continue;
    }
    signal?.throwIfAborted();
    checkLabel(picture);
    batch.push(picture);
    if (batch.length < BATCH) continue;
    yield await predictBatch(batch, networks, crops, signal);
    batch = [];
  }
  if (batch.length > 0) yield await predictBatch(batch, networks, crops, signal);
  if (skipped < done.length) throw changed(done[skipped]!.file, 'no picture');
}

async function predictBatch(
  pictures: readonly LabelledPicture[],
  networks: Parameters<typeof predictFaces>[1],
  crops: ReturnType<FaceNetworks['allocate']>,
  signal: AbortSignal | undefined,
): Promise<PredictedFace[]> {
  const cropOf: (number | undefined)[] = [];
  const problems: (string | undefined)[] = [];
  let count = 0;
  // The next picture's bytes are read while this one is processed.
  let next = read(pictures[0]!);
  for (const [i, { file, box }] of pictures.entries()) {
    signal?.throwIfAborted();
    const bytes = await next;
    if (i + 1 < pictures.length) next = read(pictures[i + 1]!);
    try {
      if (bytes instanceof Error) throw bytes;
      const image = await decodePicture(bytes, file);
      const wrong = box && rejectBox(file, box, image);
      if (wrong) {
        problems[i] = `${file}: ${wrong.detail}`;
        continue;
      }
      const face = await networks.findLabelled(image, box);
      if (face === undefined) continue;
      networks.prepare(face.image, face.region, crops, count);
      cropOf[i] = count++;
    } catch (error) {
      if (!(error instanceof AgewiseError) || error.kind === 'failed') throw error;
      problems[i] = error.message;
    }
  }
  const outputs = count === 0 ? [] : await networks.predict(crops, count);
  const predictsAges = outputs.length === 0 || outputs[0]!.some(({ age }) => age.classes.length > 0);
  return pictures.map(({ file, label, gender, columns }, i): PredictedFace => {
    const crop = cropOf[i];
    return {
      file,
      label: predictsAges ? label : undefined,
      gender,
      columns,
      predictions: crop === undefined ? undefined : predictionsOf(outputs[crop]!),
      ...(problems[i] !== undefined && { problem: problems[i] }),
    };
  });
}

/** The prediction of each model for a face, the mean over its views; after each model, those of the networks that it averages. */
export function predictionsOf(views: readonly Prediction[]): ModelPrediction[] {
  const models = [...new Set(views.map(({ model }) => model))];
  return models.flatMap((model) => {
    const own = views.filter((view) => view.model === model);
    const members = own[0]!.members?.length ?? 0;
    return [
      meanPrediction(own),
      ...Array.from({ length: members }, (_, m) =>
        meanPrediction(own.map((view) => ({ age: view.members![m]!, female: undefined }))),
      ),
    ];
  });
}

function meanPrediction(
  views: readonly { readonly age: AgeDistribution; readonly female: number | undefined }[],
): ModelPrediction {
  const years = new Float64Array(YEARS);
  for (const { age } of views) {
    const own = age.classes.length === 0 ? UNIFORM : yearProbabilities(age);
    for (let year = 0; year < YEARS; year++) years[year]! += own[year]! / views.length;
  }
  const [first] = views;
  const female = views.reduce((sum, view) => sum + view.female! / views.length, 0);
  return {
    years: Float32Array.from(years),
    // In the precision of the file.
    female: first!.female === undefined ? undefined : Math.fround(female),
  };
}

/** For a network of gender alone; its faces keep no age label. */
const UNIFORM = new Float64Array(YEARS).fill(1 / (OLDEST + 1));

/** Resolves with the error, since it is not awaited at once. */
const read = (picture: LabelledPicture): Promise<Uint8Array | Error> =>
  picture.bytes().catch((error: Error) => error);

function mustBeSame({ file, label, gender, columns }: LabelledPicture, done: PredictedFace): void {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const labels = done.label === undefined || same(label, done.label);
  if (file === done.file && labels && same([gender, columns], [done.gender, done.columns])) return;
  throw changed(done.file, file === done.file ? 'other labels of it' : `'${file}'`);
}

const changed = (file: string, found: string): EvaluationError =>
  new EvaluationError({
    subject: 'Unfinished predictions',
    expected: `'${file}' where they left off`,
    found: `${found}; the data have changed, remove the unfinished file to start again`,
  });

function checkLabel({ file, label }: LabelledPicture): void {
  if (label === undefined) return;
  const age = 'from' in label ? label.from : label.age;
  if (age <= LONGEST_LIFE) return;
  throw new EvaluationError({
    subject: file,
    expected: `an age in years, up to ${LONGEST_LIFE}`,
    found: `${age}, which may be in months or days`,
  });
}
