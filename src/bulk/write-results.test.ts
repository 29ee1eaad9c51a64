import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onSmallDisk } from '../../test/support/small-disk.js';
import { estimateAll } from './estimate-all.js';
import { EstimatesReader, estimatesInfo, writeEstimates } from './estimates-file.js';
import { joinEstimates } from './join.js';
import type { BulkPicture } from './picture.js';
import type { EstimateRequest } from './request.js';
import { inShard } from './shard.js';
import { facesOf, fakeEstimator, numbered, requestOf } from './testing.js';
import { unfinishedName } from './unfinished.js';
import { parquetOf, type WriteResultsOptions, writeResults } from './write-results.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-bulk-'));
  out = join(folder, 'out.parquet');
});
afterEach(() => rm(folder, { recursive: true }));

const write = (path: string, pictures = numbered(60), options: Partial<WriteResultsOptions> = {}) => {
  const request = options.request ?? requestOf();
  const { details } = request;
  const make = (given: AsyncIterable<BulkPicture>) =>
    estimateAll(fakeEstimator, given, { details, stop: options.stop });
  return writeResults(path, make, pictures, { write: parquetOf(request), ...options, request });
};

/** Stops after some records, as Ctrl-C does. */
function stopAfter(count: number) {
  const stop = new AbortController();
  let records = 0;
  return {
    stop: stop.signal,
    onRecord: () => {
      if (++records === count) stop.abort();
    },
  };
}

describe('results', () => {
  it('are the same bytes after any interrupts, and every picture is estimated once', async () => {
    const counts = await write(join(folder, 'quiet.parquet'));
    const told: number[] = [];
    for (const count of [1, 7, 13]) {
      const { stop, onRecord } = stopAfter(count);
      const { finished } = await write(out, numbered(60), {
        stop,
        onRecord: (one) => {
          told.push(one.index);
          onRecord();
        },
      });
      expect(finished).toBe(false);
    }
    let before = 0;
    const end = await write(out, numbered(60), {
      onResume: (done) => {
        before = done;
      },
      onRecord: ({ index }) => {
        told.push(index);
      },
    });
    expect(before).toBeGreaterThan(20);
    expect(told).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(end).toEqual(counts);
    expect(end).toMatchObject({ finished: true, pictures: 60 });
    expect(await readFile(out)).toEqual(await readFile(join(folder, 'quiet.parquet')));
    expect((await readdir(folder)).sort()).toEqual(['out.parquet', 'quiet.parquet']);
  });

  it('keep complete records if a crash truncated one or left zeros', async () => {
    await write(join(folder, 'quiet.parquet'));
    for (const cut of [0, 1, 40, 333]) {
      const { stop, onRecord } = stopAfter(9);
      await write(out, numbered(60), { stop, onRecord });
      const { size } = await stat(unfinishedName(out));
      await truncate(unfinishedName(out), size - cut);
      if (cut === 40) await truncate(unfinishedName(out), size + 100);
      expect((await write(out)).finished).toBe(true);
      expect(await readFile(out)).toEqual(await readFile(join(folder, 'quiet.parquet')));
    }
  });

  it('of another request or of changed inputs are not resumed', async () => {
    const { stop, onRecord } = stopAfter(9);
    await write(out, numbered(60), { stop, onRecord });
    await expect(write(out, numbered(60), { request: requestOf({ inputs: ['other'] }) })).rejects.toThrow(
      /out\.parquet\.unfinished: expected unfinished results of this command for '.*', found those of another command; /,
    );
    await expect(write(out, numbered(60, 1))).rejects.toThrow(
      /expected 'folder\/1, "ä"\.jpg' as result 1, as in the inputs, found 'folder\/0, "ä"\.jpg'; the inputs/,
    );
    await expect(write(out, numbered(3))).rejects.toThrow(/expected at most 3 results, .*, found \d+; the/);
  });

  it('are written by one process at a time', async () => {
    const [written, refused] = (await Promise.allSettled([write(out), write(out)])).sort((a, b) =>
      a.status.localeCompare(b.status),
    );
    expect(written).toMatchObject({ status: 'fulfilled' });
    expect(String((refused as PromiseRejectedResult).reason)).toMatch(
      /out\.parquet: process \d+ on .* is writing it/,
    );
  });

  it('report a full disk, and continue when there is space', async () => {
    await write(join(folder, 'quiet.parquet'));
    const small = join(folder, 'small');
    await mkdir(small);
    await onSmallDisk(small, async () => {
      await writeFile(join(small, 'ballast'), new Uint8Array(48 * 1024));
      const full = join(small, 'out.parquet');
      await expect(write(full)).rejects.toThrow(`${full}: it cannot be written: the disk is full`);
      expect(await readdir(small)).toEqual(['ballast', 'out.parquet.unfinished']);
    });
  });
});

async function query(sql: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection: DuckDBConnection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('the Parquet file', () => {
  it('is read by DuckDB: a row for each face, and one for each picture without', async () => {
    await write(out);
    const rows = await query(`select * from '${out}'`);
    const expected = Array.from({ length: 60 }, (_, i) => i).flatMap((i) =>
      i % 11 === 10 || i % 7 === 6 || facesOf(i) === 0
        ? [[i, null]]
        : [...Array(facesOf(i)).keys()].map((f) => [i, f + 1]),
    );
    expect(rows.map(({ index, face }) => [Number(index), face])).toEqual(expected);
    const row = rows.find(({ index, face }) => Number(index) === 8 && face === 2)!;
    expect(row).toMatchObject({
      file: 'folder/8, "ä".jpg',
      picture_width: 640,
      x: 8,
      width: 10.3,
      age: 49.25,
      std: 0.33,
      interval_low: 48,
      gender: 'female',
      nose_y: 110,
      at_least_18: 1,
      error: null,
    });
    expect((row.years as number[]).flatMap((p, year) => (p > 0 ? [[year, p]] : []))).toEqual([
      [49, 0.75],
      [50, 0.25],
    ]);
    const failed = rows.filter(({ error }) => error !== null);
    expect(failed.map(({ index }) => Number(index)).slice(0, 3)).toEqual([6, 10, 13]);
    expect(failed[0]).toMatchObject({
      error: 'folder/6, "ä".jpg: expected an image, found number 6',
      picture_width: null,
      age: null,
    });
  });

  it('records its request', async () => {
    await write(out);
    expect(await estimatesInfo(out)).toMatchObject({ pictures: 60, first: 0, request: requestOf() });
    await writeFile(join(folder, 'other.parquet'), 'PAR1');
    expect(await estimatesInfo(join(folder, 'other.parquet'))).toBeUndefined();
    expect(await estimatesInfo(join(folder, 'missing.parquet'))).toBeUndefined();
  });
});

/** Writes shards by their numbers, and gives them as parts. */
async function shards(of: number, count: number, request: EstimateRequest = requestOf()) {
  const parts = [];
  for (let number = 1; number <= of; number++) {
    const path = join(folder, `part-${number}.parquet`);
    const shard = { number, of };
    await write(path, inShard(numbered(count), shard) as AsyncGenerator<never>, {
      request: { ...request, shard },
    });
    const { first } = (await estimatesInfo(path))!;
    if (first !== null) parts.push({ path, first });
  }
  return parts;
}

/** Writes parts with the given number of pictures. */
async function stretches(length: number, count: number) {
  const parts = [];
  for (let first = 0; first < count; first += length) {
    const path = join(folder, `stretch-${first}.parquet`);
    await write(path, numbered(Math.min(first + length, count), first));
    parts.push({ path, first });
  }
  return parts;
}

describe('joined shards', () => {
  it.each([
    ['of every n-th picture', () => shards(7, 60)],
    ['more than there are pictures', () => shards(70, 60)],
    ['of stretches, in any order', async () => (await stretches(13, 60)).reverse()],
  ])('are the same file as from one process: %s', async (_, make) => {
    const parts = await make();
    const quiet = await write(join(folder, 'quiet.parquet'));
    expect(quiet.pictures).toBe(60);
    const { rows } = await joinEstimates(out, parts, requestOf(), { pictures: 60 });
    const reader = await EstimatesReader.open(out);
    expect(reader.length).toBe(rows);
    await reader.close();
    expect(await readFile(out)).toEqual(await readFile(join(folder, 'quiet.parquet')));
  });

  it('are refused if one is missing, duplicated, of another request, or lacks rows', async () => {
    const parts = await stretches(20, 60);
    const join_ = (given: typeof parts, request = requestOf(), expected = {}) =>
      joinEstimates(out, given, request, expected);
    await expect(join_([parts[0]!, parts[2]!])).rejects.toThrow(
      'shards: expected picture 20 in one of them, found none before picture 40',
    );
    await expect(join_([...parts, { ...parts[1]!, first: 19 }])).rejects.toThrow(
      /expected pictures that no other shard has, found picture 20, which is also in '.*stretch-20\.parquet'/,
    );
    await expect(join_(parts, requestOf({ version: '2' }))).rejects.toThrow(
      /stretch-0\.parquet: expected estimates of the same inputs, by the same models and options, found others/,
    );
    await expect(join_(parts.slice(0, 2), requestOf(), { pictures: 60 })).rejects.toThrow(
      'out.parquet: expected 60 pictures, found 40',
    );
    await writeEstimates(join(folder, 'nothing.parquet'), requestOf(), (async function* () {})());
    expect((await estimatesInfo(join(folder, 'nothing.parquet')))!.first).toBeNull();
    expect(await readdir(folder)).not.toContain('out.parquet');
  });
});
