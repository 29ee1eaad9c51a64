/** The shards of a run: numbered files in its work folder. */
import { join } from 'node:path';
import { type ListedPicture, listedPictures } from '../../bulk/node.js';
import type { Job, Run } from '../schemas.js';

const DIGITS = 6;

export const SHARDS = 'shards';
/** The list of pictures in the work folder. */
export const LIST = 'pictures.txt';

export const shardPath = ({ workFolder }: Pick<Run, 'workFolder'>, number: number): string =>
  join(workFolder, SHARDS, `${String(number).padStart(DIGITS, '0')}.parquet`);

/** Stretches of rows. */
export async function* rowShards(run: string, rows: number, size: number): AsyncGenerator<Job> {
  for (let first = 0, number = 0; first < rows; first += size, number++) {
    yield { run, number, stretch: { first, count: Math.min(size, rows - first), byte: 0 } };
  }
}

/** Stretches of a list's lines; the list is streamed. */
export async function* listShards(run: string, list: string, size: number): AsyncGenerator<Job> {
  let number = 0;
  let stretch = { first: 0, count: 0, byte: 0 };
  for await (const { index, end } of listedPictures(list)) {
    stretch.count++;
    if (stretch.count < size) continue;
    yield { run, number: number++, stretch };
    stretch = { first: index + 1, count: 0, byte: end };
  }
  if (stretch.count > 0) yield { run, number, stretch };
}

export const listed = (
  list: string,
  { first, count, byte }: NonNullable<Job['stretch']>,
): AsyncGenerator<ListedPicture> => upTo(count, listedPictures(list, { byte, index: first }));

/** The first items. */
export async function* upTo<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T> {
  let left = count;
  if (left === 0) return;
  for await (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}
