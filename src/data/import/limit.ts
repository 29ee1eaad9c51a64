/** Some of a data set's pictures, for a try. */
import { createHash } from 'node:crypto';
import { isRejection, type Reading, type Sample } from '../types.js';

/**
 * So many samples, chosen by the hashes of their paths and boxes: the same ones each time, whatever the order in which
 * the set lists them. Rejections pass. The readings are gone through twice.
 * @param counts whether a sample is one of those that are chosen from; others pass
 */
export async function* limitedTo(
  limit: number,
  read: () => AsyncIterable<Reading>,
  counts: (sample: Sample) => boolean,
): AsyncGenerator<Reading> {
  const hashes: number[] = [];
  for await (const reading of read()) {
    if (!isRejection(reading) && counts(reading)) hashes.push(hashOf(reading));
  }
  if (hashes.length <= limit) {
    yield* read();
    return;
  }
  const highest = Float64Array.from(hashes).sort()[limit - 1]!;
  let left = limit;
  for await (const reading of read()) {
    if (isRejection(reading) || !counts(reading)) yield reading;
    else if (left > 0 && hashOf(reading) <= highest) {
      left--;
      yield reading;
    }
  }
}

/** 48 bits: of a million paths two have the same once in hundreds of tries, which then costs nothing. */
function hashOf({ path, faceBox: box }: Sample): number {
  const key = box ? `${path}\0${box.x},${box.y},${box.width},${box.height}` : path;
  return createHash('md5').update(key).digest().readUIntBE(0, 6);
}
