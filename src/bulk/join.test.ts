import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, type ParquetReadOptions, parquetMetadataAsync } from 'hyparquet';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EstimateRow } from './estimate-rows.js';
import { EstimatesReader, estimatesInfo, writeEstimates } from './estimates-file.js';
import { joinEstimates } from './join.js';
import { requestOf } from './testing.js';

/** The numbers of rows that were decoded at once. */
const decoded = vi.hoisted(() => [] as number[]);
vi.mock('hyparquet', async (original) => {
  const hyparquet = await original<typeof import('hyparquet')>();
  const told =
    <T>(read: (options: ParquetReadOptions) => Promise<T>) =>
    (options: ParquetReadOptions) => {
      decoded.push(options.rowEnd! - options.rowStart!);
      return read(options);
    };
  return {
    ...hyparquet,
    parquetRead: told(hyparquet.parquetRead),
    parquetReadObjects: told(hyparquet.parquetReadObjects),
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-join-'));
  decoded.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const request = requestOf({ details: { distribution: false, atLeast: [] } });

/** A row for each picture from `first` in steps, or two for every fifth; every seventh failed. */
async function* rows(count: number, first = 0, step = 1): AsyncGenerator<EstimateRow> {
  for (let i = first; i < count; i += step) {
    const picture = { index: BigInt(i), file: `${i}.jpg` };
    if (i % 7 === 6) yield { ...picture, error: `${i}.jpg: expected an image, found nothing` };
    else for (let face = 1; face <= (i % 5 === 0 ? 2 : 1); face++) yield { ...picture, face, age: i / 3 };
  }
}

async function rowsOf(path: string, most?: number): Promise<EstimateRow[]> {
  const reader = await EstimatesReader.open(path);
  const found: EstimateRow[] = [];
  for await (const row of reader.rows(most)) found.push(row);
  await reader.close();
  return found;
}

it('holds few rows of each shard, however many shards are open', async () => {
  const [of, shards, count] = [2 ** 14, 3, 60];
  const parts = [];
  for (let number = 1; number <= shards; number++) {
    const path = join(folder, `${number}.parquet`);
    await writeEstimates(path, { ...request, shard: { number, of } }, rows(count, number - 1, shards));
    parts.push({ path, first: (await estimatesInfo(path))!.first! });
  }
  decoded.length = 0;
  const joined = join(folder, 'joined.parquet');
  await joinEstimates(joined, parts, request, { pictures: count });
  expect(Math.max(...decoded)).toBe(2 ** 15 / of);
  const whole = join(folder, 'whole.parquet');
  await writeEstimates(whole, request, rows(count));
  expect(await rowsOf(joined)).toEqual(await rowsOf(whole));
});

it('keeps the metadata of few groups, and decodes a few rows of a group at a time', async () => {
  const path = join(folder, 'long.parquet');
  const count = 34_000;
  const { rows: written } = await writeEstimates(path, request, rows(count));
  const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  expect(groups).toHaveLength(2);
  const found = await rowsOf(path);
  expect(found).toHaveLength(written);
  expect(Math.max(...decoded)).toBe(4096);
  let i = 0;
  for await (const row of rows(count)) {
    const { index, face, age } = found[i++]!;
    if (index !== row.index || face !== row.face || age !== row.age) expect(found[i - 1]).toEqual(row);
  }
});
