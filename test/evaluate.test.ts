/** `agewise evaluate` as it is called: models, labelled pictures of every kind, predictions that are kept. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agewise } from './support/command.js';
import { SIDE, trainSmallRun, writeGreyStore } from './support/small-run.js';

/** A run starts threads that load pictures: seconds on a busy machine. */
const TIMEOUT = 120_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-evaluate-'));
  await trainSmallRun(join(folder, 'run'), await writeGreyStore(join(folder, 'store')));
  await mkdir(join(folder, 'ages/30'), { recursive: true });
  const grey = { create: { width: SIDE, height: SIDE, channels: 3, background: '#777777' } } as const;
  await writeFile(join(folder, 'ages/30/grey.png'), await sharp(grey).png().toBuffer());
  await writeFile(join(folder, 'ages/30/broken.png'), 'no picture');
  await agewise(['export', 'run', 'model.onnx'], { cwd: folder });
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

const evaluate = (...args: string[]) =>
  agewise(['evaluate', ...args, '--draws', '5', '--threads', '1'], { cwd: folder });

const STORE = ['--data', 'store', '--split', 'shares', '--part', 'validation', '--cropped'];

describe('agewise evaluate', () => {
  it(
    'measures a model on a part of a store, and makes the same figures of kept predictions',
    async () => {
      const first = await evaluate(
        '--model',
        'model.onnx',
        ...STORE,
        '--predictions',
        'said.parquet',
        '--json',
      );
      expect([first.code, first.stderr]).toEqual([0, '']);
      const document = JSON.parse(first.stdout);
      expect(document.all.faces).toEqual({ total: 12, notFound: 0, notFoundShare: 0 });
      expect(document.all.age.mean.figures.mae.value).toBeGreaterThan(0);
      expect(document.origin).toMatchObject({
        name: 'model.onnx',
        models: [{ name: 'model.onnx', youngest: 0, oldest: 100, calibratedOn: null }],
        data: { path: 'store', set: 'grey', split: 'shares', part: 'validation' },
        cropped: true,
      });
      expect(await evaluate('--predictions', 'said.parquet', '--json')).toEqual(first);

      const again = await evaluate('--model', 'model.onnx', ...STORE, '--predictions', 'said.parquet');
      expect(again.code).toBe(2);
      expect(again.stderr).toMatch(/^agewise: said\.parquet: expected a new name for predictions, found an/);
    },
    TIMEOUT,
  );

  it(
    'measures a run beside a model, and both together, on a terminal',
    async () => {
      const { code, stdout } = await evaluate('--model', 'run', '--model', 'model.onnx', ...STORE);
      expect(code).toBe(0);
      for (const name of ['run', 'model.onnx', 'ensemble']) {
        expect(stdout).toContain(
          `${name} on Grey (store), part 'validation' of split 'shares', faces as they are stored\n`,
        );
      }
      expect(stdout).toMatch(
        /^12 faces, 0 not found \(0\.0%\); intervals of 95% by 5 bootstrap draws over faces, seed 0$/m,
      );
      const errors = [...stdout.matchAll(/^MAE, years +([\d.]+) +[\d.]+ to [\d.]+ +12$/gm)].map(
        ([, mae]) => mae,
      );
      // The run's best weights and the model that was made of them are one.
      expect(errors).toEqual([errors[0], errors[0], errors[0]]);
      expect(stdout).toMatch(/^age checks +minors/m);
    },
    TIMEOUT,
  );

  it(
    'counts faces that are not found, and lists pictures that cannot be read',
    async () => {
      const { code, stdout, stderr } = await evaluate('--model', 'model.onnx', '--data', 'ages', '--json');
      const { all, origin } = JSON.parse(stdout);
      expect(all.faces).toEqual({ total: 1, notFound: 1, notFoundShare: 1 });
      expect(origin.unreadable).toEqual([{ file: '30/broken.png', problem: expect.any(String) }]);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^agewise: 30\/broken\.png: expected .*\n1 picture could not be read; no figure counts them\n$/,
      );
    },
    TIMEOUT,
  );

  it(
    'takes a CSV file, and says which rows it cannot use',
    async () => {
      const rows = ['path,age', 'ages/30/grey.png,30', 'ages/30/broken.png,old'];
      await writeFile(join(folder, 'faces.csv'), `${rows.join('\n')}\n`);
      const { code, stderr, stdout } = await evaluate(
        '--model',
        'model.onnx',
        '--data',
        'faces.csv',
        '--cropped',
        '--json',
      );
      expect(code).toBe(1);
      expect(stderr).toContain("ages/30/broken.png: an age or a range of ages is expected, found 'old'");
      expect(JSON.parse(stdout).all.faces.total).toBe(1);
    },
    TIMEOUT,
  );

  it.each<[string, string[], string]>([
    ['nothing', [], 'expected --model and --data, or --predictions with a file of them, found neither'],
    ['a model alone', ['--model', 'model.onnx'], 'expected --data beside --model, found none'],
    [
      'data that is not there',
      ['--model', 'model.onnx', '--data', 'nowhere'],
      "--data: expected labelled pictures, found nothing at 'nowhere'",
    ],
    [
      'a part that the split lacks',
      ['--model', 'model.onnx', '--data', 'store', '--split', 'shares', '--part', 'tset'],
      "Split 'shares': expected one of its parts, train, validation, found 'tset'",
    ],
    [
      'a part of what is no store',
      ['--model', 'model.onnx', '--data', 'ages', '--split', 'hash', '--part', 'test'],
      "--split and --part choose rows of a store; 'ages' is none",
    ],
    [
      'a CSV file without ages',
      ['--model', 'model.onnx', '--data', 'ageless.csv'],
      'ageless.csv: a column age, or age_min, is expected (age=, ageMin=), found path, years',
    ],
    [
      'a CSV file of months',
      ['--model', 'model.onnx', '--data', 'months.csv', '--cropped'],
      'months.csv: no picture can be used, 1 rejected; the first, ages/30/grey.png: an age of 0 to 122 years is expected, found 360',
    ],
    [
      'predictions that are none',
      ['--predictions', 'ageless.csv'],
      'ageless.csv: expected predictions that agewise evaluate wrote, found another or a damaged file',
    ],
  ])(
    'says of %s in a sentence what is wrong',
    async (_, args, sentence) => {
      await writeFile(join(folder, 'ageless.csv'), 'path,years\nages/30/grey.png,30\n');
      await writeFile(join(folder, 'months.csv'), 'path,age\nages/30/grey.png,360\n');
      expect(await evaluate(...args)).toEqual({ code: 2, stdout: '', stderr: `agewise: ${sentence}\n` });
    },
    TIMEOUT,
  );

  it('keeps nothing where the model cannot be loaded', async () => {
    await writeFile(join(folder, 'bad.onnx'), 'no model');
    const { code } = await evaluate('--model', 'bad.onnx', ...STORE, '--predictions', 'bad.parquet');
    expect(code).toBe(2);
    await expect(readFile(join(folder, 'bad.parquet'))).rejects.toThrow();
  });
});
