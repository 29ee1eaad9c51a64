import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError } from '../../types.js';
import type { MatArray } from './array.js';
import { MatFile } from './file.js';

const fixture = (name: string) => new URL(`../../../../test/fixtures/mat/${name}`, import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'agewise-mat-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withFile<T>(path: string, use: (file: MatFile) => Promise<T>): Promise<T> {
  const file = MatFile.open(path);
  try {
    return await use(file);
  } finally {
    file.close();
  }
}

/** Reads everything in an array, to the last cell. */
function readAll(array: MatArray): unknown {
  if (array.class === 'cell') {
    return Array.from({ length: array.length }, (_, i) => readAll(array.cell(i)));
  }
  if (array.class === 'struct') {
    return Array.from({ length: array.length }, (_, i) =>
      Object.fromEntries(array.fields().map((name) => [name, readAll(array.field(name, i))])),
    );
  }
  return array.class === 'char' ? array.text() : [...array.numbers()];
}

const WRITTEN: Record<string, unknown> = {
  int8: [-128, 0, 100],
  uint8: [0, 0, 100],
  int16: [-(2 ** 15), 0, 100],
  uint16: [0, 0, 100],
  int32: [-(2 ** 31), 0, 100],
  uint32: [0, 0, 100],
  int64: [-(2 ** 53), 0, 2 ** 53],
  uint64: [0, 0, 100],
  single: [1.5, -0.25, Number.POSITIVE_INFINITY],
  double: [Math.PI, Number.NaN, Number.NEGATIVE_INFINITY],
  matrix: [1, 4, 2, 5, 3, 6],
  logical: [1, 0, 1],
  ascii: 'plain',
  umlaut: 'Zoë Kravitz, 章子怡, 😀',
  nothing: [],
  no_text: '',
  // scipy reads the cells in row-major order; MATLAB counts down the columns.
  cells: [[1, 2], [], 'é', ['inner']],
  people: [
    { name: 'Ann', age: [31] },
    { name: 'Bjørk', age: [47.5] },
  ],
};

describe.each(['kinds.mat', 'kinds-compressed.mat', 'kinds-big-endian.mat'])('%s', (name) => {
  it.each(Object.entries(WRITTEN))('holds %s as scipy was given it', async (variable, expected) => {
    const found = await withFile(fixture(name), async (file) => readAll(await file.read(variable)));
    expect(found).toEqual(expected);
  });

  it('shows classes, dimensions and logical arrays', async () => {
    await withFile(fixture(name), async (file) => {
      expect((await file.read('matrix')).description).toBe('double 2×3');
      expect((await file.read('uint16')).description).toBe('uint16 1×3');
      expect((await file.read('logical')).logical).toBe(true);
      expect((await file.read('uint8')).logical).toBe(false);
      expect((await file.read('people')).fields()).toEqual(['name', 'age']);
    });
  });

  it.each([
    ['sparse', (array: MatArray) => array.numbers(), 'sparse: expected numbers, found sparse 2×2'],
    [
      'complex',
      (array: MatArray) => array.numbers(),
      'complex: expected real numbers, found complex double 1×1',
    ],
    ['lines', (array: MatArray) => array.text(), 'lines: expected one line of text, found char 2×3'],
    ['double', (array: MatArray) => array.text(), 'double: expected text, found double 1×3'],
    ['double', (array: MatArray) => array.cell(0), 'double: expected a cell array, found double 1×3'],
    ['people', (array: MatArray) => array.field('dob'), 'people: expected a field dob, found name, age'],
    [
      'people',
      (array: MatArray) => array.field('name', 1).numbers(),
      'people(2).name: expected numbers, found char 1×5',
    ],
    ['cells', (array: MatArray) => array.cell(2).numbers(), 'cells{3}: expected numbers, found char 1×1'],
  ])('reports what %s is where something else is requested', async (variable, ask, message) => {
    await withFile(fixture(name), async (file) => {
      const array = await file.read(variable);
      expect(() => ask(array)).toThrow(new DataError(`${fixture(name)}: ${message}`));
    });
  });

  it('names the variables if one is missing', async () => {
    await withFile(fixture(name), async (file) => {
      await expect(file.read('imdb')).rejects.toThrow(/expected a variable imdb, found int8, uint8, /);
    });
  });
});

it('reads doubles stored as short integers and characters of 16 bits', async () => {
  await withFile(fixture('as-matlab-writes.mat'), async (file) => {
    const short = await file.read('short');
    expect(short.class).toBe('double');
    expect([...short.numbers()]).toEqual([7, 8, 255]);
    expect([...(await file.read('longer')).numbers()]).toEqual([1, -2, 3, -4, 5, 2014]);
    expect((await file.read('text')).text()).toBe('Zoë 😀');
  });
});

it.each(['utk_db.mat', 'wiki_db.mat'])('copies single bytes of an array of %s', async (name) => {
  await withFile(fixture(name), async (file) => {
    const image = await file.read('image');
    const all = image.numbers();
    const bytes = new Uint8Array(7);
    image.copyBytes(100, bytes);
    expect([...bytes]).toEqual([...all.subarray(100, 107)]);
    expect(() => image.copyBytes(all.length - 6, bytes)).toThrow(DataError);
  });
});

describe('what is no such file', () => {
  const write = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const message = (path: string) => {
    try {
      MatFile.open(path).close();
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      return (error as Error).message;
    }
    throw new Error(`${path} was opened`);
  };

  it('reports that it does not exist', () => {
    const path = join(folder, 'none.mat');
    expect(message(path)).toBe(`${path}: expected a MATLAB file, found no such file`);
  });

  it('reports that it is HDF5', () => {
    const header = Buffer.alloc(600, ' ');
    header.write('MATLAB 7.3 MAT-file, Platform: GLNXA64');
    expect(message(write('new.mat', header))).toContain('found version 7.3, which is HDF5');
  });

  it('reports that it is short, or something else', () => {
    expect(message(write('short.mat', Buffer.from('MATLAB 5.0')))).toContain('found 10 bytes');
    expect(message(write('page.mat', Buffer.alloc(500, '<html>')))).toContain('a file without its header');
    expect(message(folder)).toContain('found a folder');
  });

  it('reports that a type is unknown', () => {
    const bytes = readFileSync(fixture('kinds.mat'));
    bytes.writeUInt32LE(99, 128);
    expect(message(write('type.mat', bytes))).toContain('expected a variable, found type 99');
  });

  it('reports that a class is unknown', async () => {
    const bytes = readFileSync(fixture('kinds.mat'));
    bytes.writeUInt8(42, 128 + 8 + 8);
    const path = write('class.mat', bytes);
    await withFile(path, async (file) => {
      const array = await file.read('int8');
      expect(() => array.numbers()).toThrow(`${path}: int8: expected numbers, found class 42 1×3`);
    });
  });
});

/** Everything in a file that was damaged: nothing but a DataError may come of it. */
async function survive(path: string): Promise<'read' | 'refused'> {
  try {
    await withFile(path, async (file) => {
      for (const name of file.names) readAll(await file.read(name));
    });
    return 'read';
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/expected .+, found /);
    return 'refused';
  }
}

describe.each(['imdb.mat', 'as-matlab-writes.mat', 'utk_db.mat', 'wiki_db.mat'])('%s damaged', (name) => {
  const whole = readFileSync(fixture(name));
  const path = join(folder, `damaged-${name}`);
  // Coprime to the eight bytes of a tag, so that all places in it come up.
  const step = 7;

  it('is refused wherever it is cut', async () => {
    for (let length = 0; length < whole.length; length += step) {
      writeFileSync(path, whole.subarray(0, length));
      // A cut between two variables leaves a whole file with fewer of them.
      const outcome = await survive(path);
      if (name === 'imdb.mat') expect(outcome, `${length} bytes`).toBe('refused');
    }
  });

  it('does nothing but be refused if a byte is changed', async () => {
    for (let at = 0; at < whole.length; at += step) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = bytes[at]! ^ (at % 2 === 0 ? 0xff : 0x01);
      writeFileSync(path, bytes);
      await survive(path);
    }
  });
});
