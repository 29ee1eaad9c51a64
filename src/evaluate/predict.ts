/** Runs networks over labelled pictures: bytes → image → face → crops → what each network says. */
import { OLDEST, yearProbabilities } from '../age/index.js';
import { decodePicture } from '../data/index.js';
import { AgewiseError } from '../errors/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import { EvaluationError } from './error.js';
import type { LabelledPicture } from './pictures.js';
import type { PredictedFace, Said } from './predictions.js';

/** Faces of one run of the networks. */
const BATCH = 32;

/** Nobody has lived longer: more is no age in years. */
const LONGEST_LIFE = 125;

export interface PredictOptions {
  /** Pictures that have been looked at before, and are passed over. */
  readonly skip?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the networks say of each picture, in order, a batch at a time: no more pictures are held than are in one.
 * @throws EvaluationError where a label is no age in years; the signal's reason where it is aborted
 */
export async function* predictFaces(
  pictures: AsyncIterable<LabelledPicture>,
  networks: Pick<FaceNetworks, 'findLabelled' | 'allocate' | 'prepare' | 'predict'>,
  { skip = 0, signal }: PredictOptions = {},
): AsyncGenerator<PredictedFace[], void, undefined> {
  let passed = 0;
  let batch: LabelledPicture[] = [];
  for await (const picture of pictures) {
    if (passed++ < skip) continue;
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
  const places: (number | undefined)[] = [];
  const problems: (string | undefined)[] = [];
  let count = 0;
  // The next picture's bytes are read while one is looked at.
  let coming = read(pictures[0]!);
  for (const [i, { file, box }] of pictures.entries()) {
    signal?.throwIfAborted();
    const bytes = await coming;
    if (i + 1 < pictures.length) coming = read(pictures[i + 1]!);
    try {
      if (bytes instanceof Error) throw bytes;
      const face = await networks.findLabelled(await decodePicture(bytes, file), box);
      if (face === undefined) continue;
      networks.prepare(face.image, face.region, crops, count);
      places[i] = count++;
    } catch (error) {
      if (!(error instanceof AgewiseError) || error.kind === 'failed') throw error;
      problems[i] = error.message;
    }
  }
  const said = count === 0 ? [] : await networks.predict(crops, count);
  const tellsAges = said.length === 0 || said[0]!.some(({ age }) => age.classes.length > 0);
  return pictures.map(({ file, label, gender, columns }, i): PredictedFace => {
    const place = places[i];
    return {
      file,
      label: tellsAges ? label : undefined,
      gender,
      columns,
      said: place === undefined ? undefined : said[place]!.map(saidOf),
      ...(problems[i] !== undefined && { problem: problems[i] }),
    };
  });
}

const saidOf = ({
  age,
  female,
}: {
  age: Parameters<typeof yearProbabilities>[0];
  female: number | undefined;
}): Said => ({
  // Of a network that tells gender alone every age is as likely; its faces have no label of age.
  years:
    age.classes.length === 0
      ? new Float32Array(OLDEST + 1).fill(1 / (OLDEST + 1))
      : Float32Array.from(yearProbabilities(age)),
  // As it will be read again.
  female: female === undefined ? undefined : Math.fround(female),
});

/** An error instead of bytes: nobody waits for it yet. */
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
