/** Runs networks over labelled pictures: bytes → image → face → crops → the prediction of each network. */
import { OLDEST, yearProbabilities } from '../age/index.js';
import { decodePicture } from '../data/index.js';
import { AgewiseError } from '../errors/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import { EvaluationError } from './error.js';
import type { LabelledPicture } from './pictures.js';
import type { ModelPrediction, PredictedFace } from './predictions.js';

/** Faces in one run of the networks. */
const BATCH = 32;

/** No one has lived longer: a higher number is not an age in years. */
const LONGEST_LIFE = 125;

export interface PredictOptions {
  /** The number of pictures to skip, predicted before. */
  readonly skip?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The predictions for each picture, in order, a batch at a time: only the pictures of one batch are in memory.
 * @throws EvaluationError if a label is not an age in years; the signal's reason if it is aborted
 */
export async function* predictFaces(
  pictures: AsyncIterable<LabelledPicture>,
  networks: Pick<FaceNetworks, 'findLabelled' | 'allocate' | 'prepare' | 'predict'>,
  { skip = 0, signal }: PredictOptions = {},
): AsyncGenerator<PredictedFace[], void, undefined> {
  let skipped = 0;
  let batch: LabelledPicture[] = [];
  for await (const picture of pictures) {
    if (skipped++ < skip) continue;
    signal?.throwIfAborted();
    checkLabel(picture);
    batch.push(picture);
    if (batch.length < BATCH) continue;
    yield await predictBatch(batch, networks, signal);
    batch = [];
  }
  if (batch.length > 0) yield await predictBatch(batch, networks, signal);
}

async function predictBatch(
  pictures: readonly LabelledPicture[],
  networks: Parameters<typeof predictFaces>[1],
  signal: AbortSignal | undefined,
): Promise<PredictedFace[]> {
  const crops = networks.allocate(pictures.length);
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
      const face = await networks.findLabelled(await decodePicture(bytes, file), box);
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
      predictions: crop === undefined ? undefined : outputs[crop]!.map(predictionOf),
      ...(problems[i] !== undefined && { problem: problems[i] }),
    };
  });
}

const predictionOf = ({
  age,
  female,
}: {
  age: Parameters<typeof yearProbabilities>[0];
  female: number | undefined;
}): ModelPrediction => ({
  // A network of gender alone gets a uniform distribution; its faces keep no age label.
  years:
    age.classes.length === 0
      ? new Float32Array(OLDEST + 1).fill(1 / (OLDEST + 1))
      : Float32Array.from(yearProbabilities(age)),
  // In the precision of the file.
  female: female === undefined ? undefined : Math.fround(female),
});

/** Resolves with the error, since it is not awaited at once. */
const read = (picture: LabelledPicture): Promise<Uint8Array | Error> =>
  picture.bytes().catch((error: Error) => error);

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
