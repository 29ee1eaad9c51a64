/** Some of a data set's pictures, for a try. */
import { createHash } from 'node:crypto';
import { isRejection, type Reading, type Sample } from '../types.js';

/**
 * A limited number of samples, chosen by the hashes of their paths and boxes, so the choice does not depend on their
 * order. Rejections pass. The readings are iterated twice.
 * @param counts whether a sample is a candidate; others pass
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

/**
 * 48 bits: collisions among a million paths are rare and harmless. Not the first ones, by which the split `hash` divides
 * rows: all of the chosen ones would be in one part.
 */
function hashOf({ path, faceBox: box }: Sample): number {
  const key = box ? `${path}\0${box.x},${box.y},${box.width},${box.height}` : path;
  return createHash('md5').update(key).digest().readUIntBE(8, 6);
}
