/** `agewise estimate --out` as it is called: files of every form, shards, a store, Ctrl-C and a kill. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EstimatesReader, estimatesInfo } from '../src/bulk/node.js';
import { agewise, outcome, start } from './support/command.js';
import { writeGreyStore } from './support/small-run.js';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const TIMEOUT = 120_000;
const COUNT = 21;

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-to-file-'));
  const face = await sharp(SAMPLE)
    .extract({ left: 330, top: 280, width: 320, height: 400 })
    .jpeg()
    .toBuffer();
  await sharp(face).resize(160).toFile(join(cwd, 'face.jpg'));
  await mkdir(join(cwd, 'faces'));
  for (let i = 0; i < COUNT; i++) {
    const picture = sharp(face)
      .resize(96 + (i % 7))
      .modulate({ brightness: 0.7 + i / 100 });
    await picture.jpeg().toFile(join(cwd, `faces/${i}.jpg`));
  }
  await writeFile(join(cwd, 'faces/9.jpg'), 'no picture');
  const lines = Array.from({ length: COUNT }, (_, i) => `faces/${i}.jpg\n`).join('');
  await writeFile(join(cwd, 'list.txt'), lines);
  await writeFile(join(cwd, 'long.txt'), lines.repeat(3));
}, TIMEOUT);
afterAll(() => rm(cwd, { recursive: true }));

const OPTIONS = ['--cropped', '--threads', '1', '--at-least', '18'];
const estimate = (...args: string[]) => agewise(['estimate', ...OPTIONS, ...args], { cwd });
const read = (file: string) => readFile(join(cwd, file), 'utf8');

/** The rows of a Parquet file as text. */
async function rowsOf(file: string): Promise<string[]> {
  const reader = await EstimatesReader.open(join(cwd, file));
  const rows: string[] = [];
  for await (const row of reader.rows())
    rows.push(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
  await reader.close();
  return rows;
}

describe('agewise estimate --out', () => {
  it(
    'writes what would have been printed, and reports pictures that cannot be read',
    async () => {
      for (const [flag, file] of [
        ['--csv', 'a.csv'],
        ['--json', 'a.jsonl'],
      ] as const) {
        const printed = await estimate('faces', flag);
        const { code, stdout, stderr } = await estimate('faces', '--out', file);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toMatch(
          /^agewise: faces\/9\.jpg: expected an image .*\n21 pictures, 20 faces, 1 failed in a\./,
        );
        expect(await read(file)).toBe(printed.stdout);
      }
      const again = await estimate('faces', '--out', 'a.csv');
      expect([again.code, again.stderr]).toEqual([
        2,
        'agewise: a.csv: expected a new name, found an existing file; --overwrite replaces it\n',
      ]);
    },
    TIMEOUT,
  );

  it(
    'continues after Ctrl-C and after a kill, to the same bytes',
    async () => {
      await estimate('@long.txt', '--out', 'quiet.parquet');
      const size = async () =>
        (await stat(join(cwd, 'b.parquet.unfinished')).catch(() => ({ size: 0 }))).size;
      for (const signal of ['SIGINT', 'SIGKILL', 'SIGINT'] as const) {
        const before = await size();
        const child = start(['estimate', '@long.txt', ...OPTIONS, '--out', 'b.parquet'], { cwd });
        const ended = outcome(child);
        while ((await size()) < before + 1500 && child.exitCode === null) await setTimeout(2);
        child.kill(signal);
        const { code, stderr } = await ended;
        expect([code, stderr]).toEqual([signal === 'SIGINT' ? 130 : null, expect.anything()]);
        if (signal === 'SIGINT')
          expect(stderr).toMatch(/so far, in b\.parquet\.unfinished; the same command continues/);
        expect(await readdir(cwd)).not.toContain('b.parquet');
      }
      const { code, stderr } = await estimate('@long.txt', '--out', 'b.parquet');
      expect(code).toBe(1);
      expect(stderr).toMatch(/^\d+ pictures were done before\n/);
      const quiet = await readFile(join(cwd, 'quiet.parquet'));
      expect(Buffer.compare(await readFile(join(cwd, 'b.parquet')), quiet)).toBe(0);
      const left = (await readdir(cwd)).filter((name) => name.startsWith('b.parquet'));
      expect(left).toEqual(['b.parquet']);
      const done = await estimate('@long.txt', '--out', 'b.parquet');
      expect([done.code, done.stderr]).toEqual([0, 'b.parquet holds these results already\n']);
    },
    TIMEOUT,
  );

  it(
    "has in shards the whole run's rows, each once, and the same ones when the list grows at its end",
    async () => {
      await estimate('@list.txt', '--out', 'whole.parquet');
      const parts = [];
      for (const number of [1, 2, 3]) {
        await estimate('@list.txt', '--shard', `${number}/3`, '--out', `part-${number}.parquet`);
        parts.push(await rowsOf(`part-${number}.parquet`));
      }
      const index = (row: string) => JSON.parse(row).index as number;
      expect(parts.flat().sort((a, b) => index(a) - index(b))).toEqual(await rowsOf('whole.parquet'));
      expect((await estimatesInfo(join(cwd, 'part-2.parquet')))!.request.shard).toEqual({ number: 2, of: 3 });
      await cp(join(cwd, 'list.txt'), join(cwd, 'longer.txt'));
      await writeFile(join(cwd, 'longer.txt'), 'face.jpg\n', { flag: 'a' });
      await estimate('@longer.txt', '--shard', '1/3', '--out', 'grown.parquet');
      const grown = await rowsOf('grown.parquet');
      expect(grown.slice(0, -1)).toEqual(parts[0]);
      expect(JSON.parse(grown.at(-1)!)).toMatchObject({ index: COUNT, file: 'face.jpg' });
    },
    TIMEOUT,
  );

  it(
    'reads the pictures of a store',
    async () => {
      await writeGreyStore(join(cwd, 'store'), { count: 5 });
      const { code } = await estimate('store', 'face.jpg', '--out', 'store.jsonl');
      expect(code).toBe(0);
      const files = (await read('store.jsonl'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).file);
      expect(files).toEqual(['0.png', '1.png', '2.png', '3.png', '4.png', 'face.jpg']);
    },
    TIMEOUT,
  );

  it.each([
    [['--shard', '1/2'], /--shard is only for results in a file; name it with --out/],
    [['--shard', '0/2', '--out', 'x.csv'], /Expected a number|expected a number and how many there are/i],
    [['--out', 'x.txt'], /expected a file that ends in \.parquet, \.csv, \.jsonl/i],
    [['--out', 'x.csv', '--json'], /cannot be used with/],
    [['-', '--out', 'x.csv'], /standard input \(-\) cannot be read again after an interrupt/],
  ])('refuses %s', async (args, sentence) => {
    const { code, stderr } = await estimate('face.jpg', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  });
});
