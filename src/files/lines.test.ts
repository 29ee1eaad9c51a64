import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJsonLines, readLines } from './lines.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a file is read in chunks, even if a line spans several', async () => {
  const path = join(folder, 'long.txt');
  const lines = Array.from({ length: 50 }, (_, i) => 'ü'.repeat(i * 997));
  await writeFile(path, `${lines.join('\n')}\n`);
  const bytes = await readFile(path);
  const found = [];
  let start = 0;
  for await (const { text, end, whole } of readLines(path)) {
    expect(whole).toBe(true);
    expect(bytes.toString('utf8', start, end)).toBe(`${text}\n`);
    start = end;
    found.push(text);
  }
  expect(found).toEqual(lines);
});

it('lines of JSON are read up to the first that is incomplete', async () => {
  const path = join(folder, 'records.jsonl');
  for (const [end, expected] of [
    ['', [1, null, { a: 2 }]],
    ['[3', [1, null, { a: 2 }]],
    ['\0\0\0\n4\n', [1, null, { a: 2 }]],
    ['4\n', [1, null, { a: 2 }, 4]],
  ] as const) {
    await writeFile(path, `1\nnull\n{"a":2}\n${end}`);
    const values = [];
    for await (const { value } of readJsonLines(path)) values.push(value);
    expect(values).toEqual(expected);
  }
});
