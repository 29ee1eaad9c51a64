import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from './store.js';
import { StoreWriter, type StoreWriterOptions } from './store-writer.js';
import type { NewRow } from './types.js';

const OPTIONS: StoreWriterOptions = {
  origin: {
    id: 'tiny',
    title: 'Tiny faces',
    homepage: 'https://example.org/tiny',
    citation: 'Nobody, 2020',
    terms: 'Anything',
    labels: 'exact age',
  },
  options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
};

/** Bytes that differ from row to row, of lengths from 1 to 2000. */
const picture = (i: number): Uint8Array =>
  Uint8Array.from({ length: 1 + ((i * 7919) % 2000) }, (_, k) => (i * 31 + k * 17) & 255);

/** Every kind of label, and every label absent somewhere. */
function row(i: number): NewRow {
  return {
    path: `folder/ä ${i}.jpg`,
    image: picture(i),
    ...(i % 4 === 0 && { age: { age: i / 3 } }),
    ...(i % 4 === 1 && { age: { age: i, std: 2.25 } }),
    ...(i % 4 === 2 && { age: { from: 20, to: 29 } }),
    ...(i % 3 === 0 && { gender: 'female' }),
    ...(i % 3 === 1 && { gender: 'male' }),
    ...(i % 5 === 0 && { race: 'Indian' }),
    ...(i % 2 === 0 && { identity: `person ${i % 11}` }),
    ...(i % 7 === 0 && { faceBox: { x: -1.5, y: i, width: 30.25, height: 40 } }),
    ...(i % 6 === 0 && { split: 'train' }),
  } as NewRow;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, rows: number, partBytes?: number): Promise<string> {
  const path = join(folder, name);
  const writer = await StoreWriter.create(path, { ...OPTIONS, ...(partBytes && { partBytes }) });
  for (let i = 0; i < rows; i++) await writer.append(row(i));
  await writer.reject({ path: 'b,d.jpg', reason: 'unreadable', detail: 'expected "this", found that' });
  await writer.finish({ threshold: 3, groups: [[1, 5]] });
  return path;
}

async function withDuckDB<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const query = (sql: string) =>
  withDuckDB(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJS());

describe('a store', () => {
  it('returns every label and every picture, over several parts', async () => {
    const path = await write('out', 700, 200_000);
    expect((await readdir(join(path, 'data'))).length).toBeGreaterThan(2);
    const store = await Store.open(path);
    const rows = [];
    for await (const found of store.rows()) rows.push(found);
    const expected = Array.from({ length: 700 }, (_, index) => {
      const { image, ...labels } = row(index);
      return { index, source: 'tiny', ...labels };
    });
    expect(rows).toEqual(expected);
    for (const first of [0, 1, 255, 256, 511, 699, 700]) {
      const later = [];
      for await (const found of store.rows(first)) later.push(found);
      expect(later).toEqual(expected.slice(first));
    }
    for (const i of [699, 0, 255, 256, 511, 512, 300]) expect(await store.image(i)).toEqual(picture(i));
    expect(await store.duplicates()).toEqual([[1, 5]]);
    expect(store.info.rejects).toEqual({ unreadable: 1 });
    expect(store.info.labelled.gender).toBe(rows.filter(({ gender }) => gender).length);
    await store.close();
  });

  it('lists what was rejected as CSV', async () => {
    const path = await write('out', 1);
    expect(await readFile(join(path, 'rejects.csv'), 'utf8')).toBe(
      'path,reason,detail\n"b,d.jpg",unreadable,"expected ""this"", found that"\n',
    );
  });

  it('is the same bytes for the same rows', async () => {
    const digest = async (path: string) =>
      createHash('sha256')
        .update(await readFile(join(path, 'data', 'part-00000.parquet')))
        .update(await readFile(join(path, 'dataset.json')))
        .digest('hex');
    expect(await digest(await write('a', 300))).toBe(await digest(await write('b', 300)));
  });

  it('distinguishes stores of other content by their fingerprints', async () => {
    const [a, b] = [await Store.open(await write('a', 3)), await Store.open(await write('b', 4))];
    expect(a.info.fingerprint).not.toBe(b.info.fingerprint);
    await Promise.all([a.close(), b.close()]);
  });

  it('can be empty', async () => {
    const store = await Store.open(await write('out', 0));
    expect(store.length).toBe(0);
    for await (const _ of store.rows()) expect.unreachable();
    await store.close();
  });

  it('refuses a row that is missing', async () => {
    const store = await Store.open(await write('out', 3));
    await expect(store.image(3)).rejects.toThrow('row: expected 0 to 2, found 3');
    await store.close();
  });
});

describe('DuckDB', () => {
  it('reads the columns, the counts and the pictures', async () => {
    const path = await write('out', 600, 200_000);
    const glob = `'${join(path, 'data', '*.parquet')}'`;
    const columns = await query(`describe select * from ${glob}`);
    expect(Object.fromEntries(columns.map((c) => [c.column_name, c.column_type]))).toEqual({
      image: 'STRUCT(bytes BLOB, path VARCHAR)',
      age: 'DOUBLE',
      age_min: 'DOUBLE',
      age_max: 'DOUBLE',
      age_std: 'DOUBLE',
      face: 'DOUBLE',
      gender: 'VARCHAR',
      race: 'VARCHAR',
      identity: 'VARCHAR',
      face_box: 'DOUBLE[]',
      source: 'VARCHAR',
      split: 'VARCHAR',
    });
    const [counts] = await query(
      `select count(*)::int as "rows", count(age)::int ages, count(face_box)::int boxes,
       count(*) filter (gender = 'male')::int men, sum(octet_length(image.bytes))::int bytes from ${glob}`,
    );
    const rows = Array.from({ length: 600 }, (_, i) => row(i));
    expect(counts).toEqual({
      rows: 600,
      ages: rows.filter(({ age }) => age && 'age' in age).length,
      boxes: rows.filter(({ faceBox }) => faceBox).length,
      men: rows.filter(({ gender }) => gender === 'male').length,
      bytes: rows.reduce((sum, { image }) => sum + image.length, 0),
    });
    const [found] = await query(
      `select md5(image.bytes) digest, age_min, age_max, face_box from ${glob} where image.path = 'folder/ä 518.jpg'`,
    );
    expect(found).toEqual({
      digest: createHash('md5').update(picture(518)).digest('hex'),
      age_min: 20,
      age_max: 29,
      face_box: [-1.5, 518, 30.25, 40],
    });
  });

  it('finds the metadata by which Hugging Face shows pictures', async () => {
    const path = await write('out', 1);
    const [entry] = await query(
      `select decode(value) as text from parquet_kv_metadata('${join(path, 'data', 'part-00000.parquet')}')
       where decode(key) = 'huggingface'`,
    );
    expect(JSON.parse(String(entry!.text)).info.features.image).toEqual({ _type: 'Image' });
  });

  it('may rewrite a part in its own layout, and the store still opens', async () => {
    const path = await write('out', 600);
    const part = join(path, 'data', 'part-00000.parquet');
    const other = join(folder, 'other.parquet');
    await query(`copy (select * from '${part}') to '${other}' (format parquet, compression snappy)`);
    await rename(other, part);
    const store = await Store.open(path);
    for (const i of [0, 400, 599, 1]) expect(await store.image(i)).toEqual(picture(i));
    for await (const found of store.rows()) expect(found.path).toBe(row(found.index).path);
    await store.close();
  });
});

it('of before faces had numbers is read, without them', async () => {
  const path = await write('out', 20);
  const part = join(path, 'data', 'part-00000.parquet');
  const older = join(folder, 'older.parquet');
  await query(`copy (select * exclude (face) from '${part}') to '${older}' (format parquet)`);
  await rename(older, part);
  const store = await Store.open(path);
  let rows = 0;
  for await (const { index, source: _, ...labels } of store.rows()) {
    const { image: _image, ...expected } = row(index);
    expect(labels).toEqual(expected);
    rows++;
  }
  expect(rows).toBe(20);
  expect(await store.image(7)).toEqual(picture(7));
  await store.close();
});

describe('what is no store', () => {
  it('is named in one sentence', async () => {
    await expect(Store.open(join(folder, 'none'))).rejects.toThrow(
      /none: expected a store as 'agewise data import' makes it, found no dataset.json$/,
    );
  });

  it('may be of another version', async () => {
    const path = await write('out', 1);
    const info = JSON.parse(await readFile(join(path, 'dataset.json'), 'utf8'));
    await writeFile(join(path, 'dataset.json'), JSON.stringify({ ...info, version: 2 }));
    await expect(Store.open(path)).rejects.toThrow(
      /dataset.json: version: .*expected 1; .* is made again by 'agewise data import'$/,
    );
  });

  it('may lack a part', async () => {
    const path = await write('out', 700, 200_000);
    await rm(join(path, 'data', 'part-00001.parquet'));
    await expect(Store.open(path)).rejects.toThrow(/expected 700 rows, as dataset.json says, found \d+$/);
  });

  it('may name near-duplicates among rows that it does not have', async () => {
    const store = await Store.open(await write('out', 5));
    await expect(store.duplicates()).rejects.toThrow(
      /out: near-duplicates must be among rows 0 to 4, found row 5$/,
    );
    await store.close();
  });

  it('may have a part that is cut off', async () => {
    const path = await write('out', 300);
    await truncate(join(path, 'data', 'part-00000.parquet'), 5000);
    await expect(Store.open(path)).rejects.toThrow(
      /part-00000.parquet: expected a Parquet file, found a damaged or truncated one/,
    );
  });
});

describe('a store being written', () => {
  it('has no name until it is whole, and none when it is given up', async () => {
    const path = join(folder, 'out');
    const writer = await StoreWriter.create(path, OPTIONS);
    for (let i = 0; i < 300; i++) await writer.append(row(i));
    expect(existsSync(path)).toBe(false);
    await writer.abort();
    expect(await readdir(folder)).toEqual([]);
  });

  it('replaces nothing unless requested, and then only a store', async () => {
    const path = await write('out', 2);
    await expect(StoreWriter.create(path, OPTIONS)).rejects.toThrow(/out: expected a new name/);
    const writer = await StoreWriter.create(path, { ...OPTIONS, overwrite: true });
    await writer.append(row(7));
    await writer.finish({ threshold: 0, groups: [] });
    const store = await Store.open(path);
    expect(store.length).toBe(1);
    await store.close();
    expect(await readdir(folder)).toEqual(['out']);
    await writeFile(join(folder, 'precious'), 'text');
    await expect(
      StoreWriter.create(join(folder, 'precious'), { ...OPTIONS, overwrite: true }),
    ).rejects.toThrow(/precious: expected a store to replace/);
  });

  it('removes what a process that ended left, and reports it', async () => {
    const path = join(folder, 'out');
    const writer = await StoreWriter.create(path, OPTIONS);
    await writer.append(row(0));
    const [made] = (await readdir(folder)).filter((name) => name.startsWith('out.partial-'));
    // No process has a number beyond the system's largest, 2^22, and our parent's was another's before it began.
    const left = ['4194305', ...(existsSync('/proc') ? [`${process.ppid}-1`] : [])].map(
      (process) => `${path}.partial-${process}`,
    );
    await rename(join(folder, made!), left[0]!);
    for (const other of left.slice(1)) await mkdir(other);
    const next = await StoreWriter.create(path, OPTIONS);
    expect(next.removed.toSorted()).toEqual(left.toSorted());
    expect(left.some((one) => existsSync(one))).toBe(false);
    await next.abort();
    await writer.abort();
  });

  it('is not touched by a second one of the same name', async () => {
    const path = join(folder, 'out');
    const writer = await StoreWriter.create(path, OPTIONS);
    await expect(StoreWriter.create(path, OPTIONS)).rejects.toThrow(/another process is writing it/);
    await writer.append(row(0));
    await writer.finish({ threshold: 0, groups: [] });
    expect(await readdir(folder)).toEqual(['out']);
  });
});
