import { notAFileAtSync } from '../../../files/index.js';
import { DataError, isRejection, type Reading, type Rejection, type Sample } from '../../types.js';
import { isPossible, known, LONGEST_LIFE, PERHAPS_MONTHS } from './labels.js';

/**
 * A reader's readings, with invalid samples turned into rejections: repeated pictures, missing pictures, impossible
 * ages.
 * @param key identifies pictures: the path, unless a set has the same picture in several folders; faces in one picture are identified by their boxes
 * @throws DataError at the end if there was no good sample: the source is not the set, or was not unpacked.
 */
export async function* checked(
  source: string,
  readings: AsyncIterable<Reading> | Iterable<Reading>,
  key: (path: string) => string = (path) => path,
): AsyncIterable<Reading> {
  const seen = new Map<string, string>();
  let samples = 0;
  let rejected = 0;
  let first: Rejection | undefined;
  for await (const reading of readings) {
    const result = isRejection(reading)
      ? reading
      : (repeated(reading, seen, key) ?? missing(reading) ?? impossible(reading) ?? reading);
    if (isRejection(result)) {
      rejected++;
      first ??= result;
    } else samples++;
    yield result;
  }
  if (samples > 0) return;
  throw new DataError(
    first === undefined
      ? `${source}: expected pictures, found none`
      : `${source}: no picture can be used, ${rejected} rejected; the first, ${first.path}: ${first.detail}`,
  );
}

function repeated(
  { path, image: _, ...labels }: Sample,
  seen: Map<string, string>,
  key: (path: string) => string,
) {
  const box = labels.faceBox;
  const name = box ? `${key(path)}\0${box.x},${box.y},${box.width},${box.height}` : key(path);
  const labelText = JSON.stringify(labels);
  const before = seen.get(name);
  if (before === undefined) {
    seen.set(name, labelText);
    return undefined;
  }
  const how = before === labelText ? 'with the same labels' : 'with other labels';
  return { path, reason: 'duplicate row', detail: `the picture was named before, ${how}` } as const;
}

/** Synchronous, since the thread pool is busy decoding pictures. */
function missing({ path, image }: Sample): Rejection | undefined {
  if (!('file' in image)) return undefined;
  const found = notAFileAtSync(image.file);
  if (found === undefined) return undefined;
  return { path, reason: 'missing image', detail: `expected a picture at ${image.file}, found ${found}` };
}

function impossible({ path, age, gender, race, split }: Sample): Rejection | undefined {
  if (age === undefined || isPossible(age)) return undefined;
  const [found, oldest] = 'from' in age ? [`${age.from} to ${age.to}`, age.to] : [age.age, age.age];
  const months = oldest > LONGEST_LIFE && oldest <= 12 * LONGEST_LIFE;
  return {
    path,
    reason: 'age out of range',
    detail: `expected an age of 0 to ${LONGEST_LIFE} years, found ${found}${months ? PERHAPS_MONTHS : ''}`,
    labels: known({ gender, race, split }),
  };
}
