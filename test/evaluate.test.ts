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
    'evaluates a model on a part of a store, and gives the same figures from kept predictions',
    async () => {
      const first = await evaluate(
        '--model',
        'model.onnx',
        ...STORE,
        '--predictions',
        'predictions.parquet',
        '--json',
      );
      expect([first.code, first.stderr]).toEqual([0, '']);
      const document = JSON.parse(first.stdout);
      expect(document.all.faces).toEqual({ total: 12, notFound: 0, notFoundShare: 0 });
      expect(document.all.age.mean.figures.mae.value).toBeGreaterThan(0);
      expect(document.origin).toMatchObject({
        name: 'model.onnx',
        models: [{ name: 'model.onnx', youngest: 0, oldest: 100, calibratedOn: null, interval: null }],
        data: { path: 'store', set: 'grey', split: 'shares', part: 'validation' },
        cropped: true,
      });
      expect(await evaluate('--predictions', 'predictions.parquet', '--json')).toEqual(first);

      const again = await evaluate('--model', 'model.onnx', ...STORE, '--predictions', 'predictions.parquet');
      expect(again.code).toBe(2);
      expect(again.stderr).toMatch(
        /^agewise: predictions\.parquet: expected a new name for predictions, found an/,
      );
    },
    TIMEOUT,
  );

  it(
    'writes a page and a model card for each model and for the ensemble',
    async () => {
      const files = ['--html', 'page.html', '--pictures', '--card', 'card.md'];
      const { code, stderr } = await evaluate('--model', 'run', '--model', 'model.onnx', ...STORE, ...files);
      expect([code, stderr]).toEqual([0, '']);
      for (const [which, name] of [
        ['1', 'run'],
        ['2', 'model.onnx'],
        ['ensemble', 'ensemble'],
      ]) {
        const page = await readFile(join(folder, `page-${which}.html`), 'utf8');
        expect(page).toContain(`<title>${name} on Grey</title>`);
        // All twelve faces are among the worst twenty.
        expect(page.match(/<img src="data:image\/webp;base64,/g)).toHaveLength(12);
        expect(await readFile(join(folder, `card-${which}.md`), 'utf8')).toContain('## Terms');
      }
      const nowhere = await evaluate('--model', 'run', ...STORE, '--card', 'nowhere/card.json');
      expect([nowhere.code, nowhere.stderr]).toEqual([
        2,
        'agewise: --card nowhere/card.json: expected a name in a folder that exists, found none\n',
      ]);
    },
    TIMEOUT,
  );

  it(
    'evaluates a run, a model and their ensemble, on a terminal',
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
    'accepts a CSV file, and reports rows it cannot use',
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
      expect(stderr).toContain("ages/30/broken.png: expected an age or a range of ages, found 'old'");
      expect(JSON.parse(stdout).all.faces.total).toBe(1);
    },
    TIMEOUT,
  );

  it.each<[string, string[], string]>([
    ['nothing', [], 'expected --model and --data, or --predictions with a file of them, found neither'],
    ['a model alone', ['--model', 'model.onnx'], 'expected --data beside --model, found none'],
    [
      'missing data',
      ['--model', 'model.onnx', '--data', 'nowhere'],
      "--data: expected labelled pictures, found nothing at 'nowhere'",
    ],
    [
      'a part that the split lacks',
      ['--model', 'model.onnx', '--data', 'store', '--split', 'shares', '--part', 'tset'],
      "Split 'shares': expected one of its parts, train, validation, found 'tset'",
    ],
    [
      'a part of something other than a store',
      ['--model', 'model.onnx', '--data', 'ages', '--split', 'hash', '--part', 'test'],
      "--split and --part choose rows of a store; 'ages' is none",
    ],
    [
      'a CSV file without ages',
      ['--model', 'model.onnx', '--data', 'ageless.csv'],
      'ageless.csv: expected a column age, or age_min (age=, ageMin=), found path, years',
    ],
    [
      'a CSV file of months',
      ['--model', 'model.onnx', '--data', 'months.csv', '--cropped'],
      'months.csv: no picture can be used, 1 rejected; the first, ages/30/grey.png: expected an age of 0 to 122 years, found 360',
    ],
    [
      'a file without predictions',
      ['--predictions', 'ageless.csv'],
      'ageless.csv: expected predictions that agewise evaluate wrote, found another or a damaged file',
    ],
  ])(
    'reports %s in one sentence',
    async (_, args, sentence) => {
      await writeFile(join(folder, 'ageless.csv'), 'path,years\nages/30/grey.png,30\n');
      await writeFile(join(folder, 'months.csv'), 'path,age\nages/30/grey.png,360\n');
      expect(await evaluate(...args)).toEqual({ code: 2, stdout: '', stderr: `agewise: ${sentence}\n` });
    },
    TIMEOUT,
  );

  it('writes nothing if the model cannot be loaded', async () => {
    await writeFile(join(folder, 'bad.onnx'), 'no model');
    const { code } = await evaluate('--model', 'bad.onnx', ...STORE, '--predictions', 'bad.parquet');
    expect(code).toBe(2);
    await expect(readFile(join(folder, 'bad.parquet'))).rejects.toThrow();
  });
});

describe('agewise calibrate', () => {
  beforeAll(async () => {
    const age = (row: number) => (row * 37) % 80;
    await writeGreyStore(join(folder, 'many'), { count: 240, age });
    await agewise(['data', 'split', 'many', '--shares', 'validation=0.5,test=0.5'], { cwd: folder });
  }, TIMEOUT);

  const calibrate = (...args: string[]) =>
    agewise(['calibrate', ...args, '--threads', '1', '--cropped'], { cwd: folder });
  const part = (name: string) => ['--data', 'many', '--split', 'shares', '--part', name];

  it(
    'writes a calibrated copy that records its data, and is not evaluated on them',
    async () => {
      const made = await calibrate('model.onnx', 'calibrated.onnx', ...part('validation'), '--json');
      expect([made.code, made.stderr]).toEqual([0, '']);
      const { calibration, before, after } = JSON.parse(made.stdout);
      expect(calibration.fittedOn).toMatchObject([
        { title: 'Grey', split: 'shares', part: 'validation', faces: 121 },
      ]);
      expect(after.nll).toBeLessThan(before.nll);
      expect(after.coverage).toBeGreaterThanOrEqual(0.9);

      const measured = await evaluate('--model', 'calibrated.onnx', ...part('test'), '--cropped', '--json');
      const { origin, interval, all } = JSON.parse(measured.stdout);
      expect(origin.models[0]).toMatchObject({
        calibratedOn: calibration.fittedOn,
        interval: calibration.interval,
      });
      expect(interval.figures).toMatchObject({ n: 119 });
      expect(interval.figures.figures.coverage.value).toBeGreaterThan(0.75);
      const plain = await evaluate('--model', 'model.onnx', ...part('test'), '--cropped', '--json');
      const nll = (document: { all: typeof all }) => document.all.likelihood.figures.nll.value;
      expect(nll({ all })).toBeLessThan(nll(JSON.parse(plain.stdout)));

      const same = ['--model', 'calibrated.onnx', ...part('validation'), '--cropped'];
      const refused = await evaluate(...same);
      expect(refused).toEqual({
        code: 2,
        stdout: '',
        stderr:
          "agewise: Model 'calibrated.onnx' was calibrated on these faces, so that figures of them would mislead; --calibration-rows evaluates it all the same, and says so\n",
      });
      const allowed = await evaluate(...same, '--calibration-rows', '--json');
      expect(JSON.parse(allowed.stdout).origin.notes.join()).toContain('was calibrated on these very faces');
    },
    TIMEOUT,
  );

  it(
    'estimates with the calibrated interval, and calibrates the original again',
    async () => {
      await calibrate('model.onnx', 'first.onnx', ...part('validation'));
      const again = await calibrate('first.onnx', 'second.onnx', ...part('validation'));
      expect(again.code).toBe(0);
      expect(await readFile(join(folder, 'second.onnx'))).toEqual(await readFile(join(folder, 'first.onnx')));
      const face = async (model: string) => {
        const args = ['estimate', 'ages/30/grey.png', '--cropped', '--model', model, '--json'];
        return JSON.parse((await agewise(args, { cwd: folder })).stdout).faces[0];
      };
      const [plain, calibrated] = [await face('model.onnx'), await face('first.onnx')];
      expect(calibrated.interval).not.toEqual(plain.interval);
      expect(calibrated.interval[0]).toBeLessThan(calibrated.age);
    },
    TIMEOUT,
  );

  it(
    'pools the faces of several stores, records each, and refuses to evaluate on any of them',
    async () => {
      const made = await calibrate('model.onnx', 'both.onnx', '--data', 'many', '--data', 'store', '--json');
      expect([made.code, made.stderr]).toEqual([0, '']);
      const { calibration } = JSON.parse(made.stdout);
      expect(calibration.fittedOn.map(({ faces }: { faces: number }) => faces)).toEqual([240, 48]);
      for (const data of ['many', 'store']) {
        const { code, stderr } = await evaluate('--model', 'both.onnx', '--data', data, '--cropped');
        expect([code, stderr]).toEqual([2, expect.stringContaining('was calibrated on these faces')]);
      }
      const twice = await calibrate('model.onnx', 'twice.onnx', '--data', 'many', '--data', 'many');
      expect(twice.stderr).toBe("agewise: --data: expected each store once, found 'many' twice\n");
    },
    TIMEOUT,
  );

  it.each<[string, string[], string]>([
    [
      'too few faces',
      ['model.onnx', 'few.onnx', '--data', 'store'],
      'store: expected at least 100 faces with ages to calibrate on, found 48',
    ],
    [
      'something other than a store',
      ['model.onnx', 'few.onnx', '--data', 'ages'],
      "--data: expected a store, whose fingerprint the model records, found 'ages'",
    ],
    [
      'a file of another kind',
      ['model.onnx', 'few.txt', '--data', 'store'],
      'few.txt: expected the name of the file to write, ending in .onnx',
    ],
  ])(
    'reports %s in one sentence, and writes nothing',
    async (_, args, sentence) => {
      expect(await calibrate(...args)).toEqual({ code: 2, stdout: '', stderr: `agewise: ${sentence}\n` });
      await expect(readFile(join(folder, args[1]!))).rejects.toThrow();
    },
    TIMEOUT,
  );
});

describe('agewise compare', () => {
  const compare = (...args: string[]) =>
    agewise(['compare', ...args, '--draws', '5', '--threads', '1'], { cwd: folder });

  it(
    'compares models and another library on the same faces, and gives the same from kept predictions',
    async () => {
      const models = ['--model', 'model.onnx', '--model', 'agewise-base'];
      const made = await compare(
        ...models,
        '--peer',
        'face-api',
        ...STORE,
        '--json',
        '--html',
        'compared.html',
      );
      expect([made.code, made.stderr]).toEqual([0, '']);
      const comparison = JSON.parse(made.stdout);
      expect(comparison.models.map(({ name }: { name: string }) => name)).toEqual([
        'model.onnx',
        'agewise-base',
        'face-api',
      ]);
      expect([comparison.faces, comparison.common]).toEqual([12, 12]);
      const [first, , peer] = comparison.models;
      expect(peer.differences.mae.value).toBeCloseTo(peer.figures.mae.value - first.figures.mae.value, 9);
      expect(await readFile(join(folder, 'compared.html'), 'utf8')).toContain('Differences from model.onnx');

      for (const [model, kept] of [
        ['model.onnx', 'first.parquet'],
        ['agewise-base', 'second.parquet'],
      ] as const) {
        await evaluate('--model', model, ...STORE, '--predictions', kept);
      }
      const again = await compare(
        '--predictions',
        'first.parquet',
        '--predictions',
        'second.parquet',
        '--json',
      );
      expect(JSON.parse(again.stdout).models[1].figures.mae.value).toBe(
        comparison.models[1].figures.mae.value,
      );
      const table = await compare(...models, ...STORE, '--data', 'store');
      expect([table.code, table.stderr]).toEqual([0, '']);
      expect(table.stdout).toContain('trained on');
    },
    TIMEOUT,
  );

  it.each<[string, string[], string]>([
    ['no data', ['--model', 'model.onnx'], 'expected --data or --predictions, found neither'],
    ['no model', ['--data', 'store'], 'expected --model or --peer beside --data, found neither'],
    [
      'an unknown peer',
      ['--peer', 'humane', '--data', 'store'],
      "--peer: expected face-api or human, found 'humane'; did you mean 'human'?",
    ],
    [
      'predictions beside models',
      ['--model', 'model.onnx', '--predictions', 'model.parquet'],
      '--model cannot be used with predictions, which are compared alone',
    ],
  ])(
    'reports %s in one sentence',
    async (_, args, sentence) => {
      expect(await compare(...args)).toEqual({ code: 2, stdout: '', stderr: `agewise: ${sentence}\n` });
    },
    TIMEOUT,
  );
});
