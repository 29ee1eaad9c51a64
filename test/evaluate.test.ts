/** `agewise evaluate` as it is called: models, labelled pictures of every kind, predictions that are kept. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel, writeModel } from '../src/onnx/index.js';
import { agewise, type Outcome, outcome, start } from './support/command.js';
import { writePublishedWeights } from './support/published-weights.js';
import { GREY_RECIPE, SIDE, trainSmallRun, writeGreyStore } from './support/small-run.js';

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

/** Pictures named as those of UTKFace, of nobody below 21, a few of them of a small group. */
async function utkFaces(name: string): Promise<string> {
  const source = join(folder, name);
  await mkdir(source);
  const grey = { create: { width: SIDE, height: SIDE, channels: 3, background: '#555555' } } as const;
  const picture = await sharp(grey).jpeg().toBuffer();
  for (let i = 0; i < 12; i++) {
    const age = i < 9 ? 21 + i : 105 + i;
    await writeFile(join(source, `${age}_${i % 2}_${i < 4 ? 1 : 0}_2017011617104864${i}.jpg`), picture);
  }
  return name;
}

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
      const files = [
        '--html',
        'page.html',
        '--pictures',
        '--card',
        'card.md',
        '--predictions',
        'both.parquet',
      ];
      const { code, stderr } = await evaluate('--model', 'run', '--model', 'model.onnx', ...STORE, ...files);
      expect([code, stderr]).toEqual([0, '']);
      // The models' own facts are kept with their predictions.
      await evaluate('--predictions', 'both.parquet', '--card', 'again.md');
      for (const [which, name] of [
        ['1', 'run'],
        ['2', 'model.onnx'],
        ['ensemble', 'ensemble'],
      ]) {
        const page = await readFile(join(folder, `page-${which}.html`), 'utf8');
        expect(page).toContain(`<title>${name} on Grey</title>`);
        // All twelve faces are among the worst twenty.
        expect(page.match(/<img src="data:image\/webp;base64,/g)).toHaveLength(12);
        const card = await readFile(join(folder, `card-${which}.md`), 'utf8');
        expect(card).toMatch(/^\| input \| .*^## Terms$/ms);
        expect(await readFile(join(folder, `again-${which}.md`), 'utf8')).toBe(card);
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
        /^12 faces, 0 not found \(0\.0%\); intervals of 95% by 5 bootstrap draws over faces, seed 0; those of 0% and 100% are by Clopper and Pearson$/m,
      );
      const errors = [...stdout.matchAll(/^MAE, years +([\d.]+) +[\d.]+ to [\d.]+ +12 +0\.0%$/gm)].map(
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
      'data on the web',
      ['--model', 'model.onnx', '--data', 'https://example.org/store'],
      '--data: expected labelled pictures, found a URL, which is not downloaded',
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
      'ageless.csv: expected a column age, age_min or age_max (age=, ageMin=, ageMax=), found path, years',
    ],
    [
      'a CSV file of months',
      ['--model', 'model.onnx', '--data', 'months.csv', '--cropped'],
      'months.csv: no picture can be used, 1 rejected; the first, ages/30/grey.png: expected an age of 0 to 122 years, found 360, which may be in months',
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

describe('agewise evaluate, interrupted', () => {
  const args = ['evaluate', '--model', 'agewise-base', '--data', 'many', '--cropped', '--draws', '5'];
  const command = (name: string) => [...args, '--threads', '1', '--predictions', name, '--json'];
  const journal = (name: string) => join(folder, `${name}.unfinished`);

  /** Ends the command by a signal once two batches of 32 faces are in the journal. */
  async function interrupted(name: string, signal: NodeJS.Signals): Promise<Outcome> {
    const child = start(command(name), { cwd: folder });
    child.stdin.end();
    const ended = outcome(child);
    for (;;) {
      const lines = (await readFile(journal(name), 'utf8').catch(() => '')).split('\n').length;
      if (lines > 3) break;
      if (child.exitCode !== null) throw new Error('it ended before it could be interrupted');
      await setTimeout(20);
    }
    child.kill(signal);
    return ended;
  }

  let whole: Outcome;
  beforeAll(async () => {
    await writeGreyStore(join(folder, 'many'), { count: 160 });
    whole = await agewise(command('whole.parquet'), { cwd: folder });
  }, TIMEOUT);

  it.each([
    ['SIGKILL', { code: null, stdout: '', stderr: '' }],
    ['SIGINT', { code: 130, stdout: '', stderr: 'Interrupted: the same command continues from here.\n' }],
  ] as const)(
    'continues after %s to the same figures, to the last digit',
    async (signal, end) => {
      const name = `${signal}.parquet`;
      expect(await interrupted(name, signal)).toEqual(end);
      await expect(readFile(join(folder, name))).rejects.toThrow();
      const before = (await readFile(journal(name), 'utf8')).length;
      expect(before).toBeGreaterThan(32 * 500);
      // Another command must not go on with it.
      const other = await agewise([...command(name), '--flip'], { cwd: folder });
      expect([other.code, other.stderr]).toEqual([
        2,
        `agewise: ${name}.unfinished: expected unfinished predictions of this command, found those of another; remove the file, or name another output\n`,
      ]);
      const again = await agewise(command(name), { cwd: folder });
      expect([again.code, again.stderr]).toEqual([0, '']);
      await expect(readFile(journal(name))).rejects.toThrow();
      expect(again.stdout).toBe(whole.stdout);
      expect(await readFile(join(folder, name))).toEqual(await readFile(join(folder, 'whole.parquet')));
    },
    TIMEOUT,
  );
});

describe('agewise evaluate of models and data of all kinds', () => {
  it(
    'recognises a known set, and notes labels, minors and small groups that need care',
    async () => {
      const data = await utkFaces('UTK');
      const found = await evaluate('--model', 'model.onnx', '--data', data, '--cropped', '--json');
      expect([found.code, found.stderr]).toEqual([0, '']);
      const { origin } = JSON.parse(found.stdout);
      expect(origin.data).toMatchObject({ set: 'utkface', title: 'UTKFace' });
      expect(origin.notes).toEqual([
        "Model 'model.onnx' predicts ages from 0 to 100; 3 of 12 labels (25.0%) lie outside.",
        'No face is known to be younger than 13, 16, 18, 21, so there is no false adult rate there.',
        'By age band, 18-25, 26-35, 76+ have fewer than 30 faces and are not ranked as best or worst.',
        'By gender, female, male have fewer than 30 faces and are not ranked as best or worst.',
        'By race, White, Black have fewer than 30 faces and are not ranked as best or worst.',
      ]);
    },
    TIMEOUT,
  );

  it(
    'notes that a CSV file may mix units, and lists what could not be used',
    async () => {
      const rows = ['path,age', 'ages/30/grey.png,30', 'UTK2/21_0_1_20170116171048640.jpg,360'];
      await utkFaces('UTK2');
      await writeFile(join(folder, 'mixed.csv'), `${rows.join('\n')}\n`);
      const args = ['--model', 'model.onnx', '--data', 'mixed.csv', '--cropped'];
      const { code, stdout, stderr } = await evaluate(...args);
      expect(code).toBe(1);
      expect(stderr).toBe(
        'agewise: UTK2/21_0_1_20170116171048640.jpg: expected an age of 0 to 122 years, found 360, which may be in months\n1 row could not be used; no figure counts them\n',
      );
      expect(stdout).toContain(
        '1 age may be in months: if the labels mix years and months, some of those that were used are wrong too.',
      );
    },
    TIMEOUT,
  );

  it(
    'takes any model whose facts are given, to the same figures',
    async () => {
      const model = readModel(await readFile(join(folder, 'model.onnx')));
      const { metadata } = model;
      const { input, age, gender } = JSON.parse(metadata.get('agewise')!);
      await writeFile(join(folder, 'bare.onnx'), writeModel({ ...model, metadata: new Map() }));
      const facts = {
        size: [input.width, input.height],
        layout: input.layout,
        color: input.color,
        mean: input.mean,
        std: input.scale.map((scale: number) => 1 / scale),
        margin: input.margin,
        ...(input.offset && { offset: input.offset }),
        crop: input.crop,
        alignment: input.alignment,
        age: { output: age.name, activation: age.activation, classes: age.classes },
        gender: { output: gender.name, activation: gender.activation, labels: gender.labels },
        data: 'grey',
      };
      await writeFile(join(folder, 'bare.yaml'), JSON.stringify(facts));
      const own = await evaluate('--model', 'model.onnx', ...STORE, '--json');
      const described = await evaluate('--model', 'bare.onnx', '--facts', 'bare.yaml', ...STORE, '--json');
      expect([described.code, described.stderr]).toEqual([0, '']);
      expect(JSON.parse(described.stdout).all).toEqual(JSON.parse(own.stdout).all);

      const none = await evaluate('--model', 'bare.onnx', ...STORE);
      expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("'bare.onnx' has no metadata")]);
      const many = await evaluate('--model', 'model.onnx', '--facts', 'bare.yaml', ...STORE);
      expect([many.code, many.stderr]).toEqual([
        2,
        'agewise: --facts: expected one for each model without metadata, found 1 for 0\n',
      ]);
    },
    TIMEOUT,
  );

  it(
    'takes weights as their authors published them',
    async () => {
      await writePublishedWeights(folder);
      const args = ['--model', 'weights.hdf5', ...STORE];
      const found = await evaluate(...args, '--as', 'own.yaml', '--json');
      expect([found.code, found.stderr]).toEqual([0, '']);
      const sha256 = createHash('sha256').update(await readFile(join(folder, 'weights.hdf5')));
      expect(JSON.parse(found.stdout).origin.models).toMatchObject([
        { name: 'weights.hdf5', sha256: sha256.digest('hex'), trainedOn: null },
      ]);
      expect(await evaluate(...args)).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'agewise: weights.hdf5: expected --as with the recipe of the system that the weights are of, found none\n',
      });
    },
    TIMEOUT,
  );

  it(
    'measures an ensemble whole and each of its networks, from its folder and from its file',
    async () => {
      const recipe = {
        ...GREY_RECIPE,
        members: 2,
        stages: GREY_RECIPE.stages.map((s) => ({ ...s, epochs: 1 })),
      };
      await writeFile(join(folder, 'two.yaml'), JSON.stringify(recipe));
      await agewise(['train', 'two.yaml', '--data', 'store', '--out', 'two', '--threads', '1'], {
        cwd: folder,
      });
      await agewise(['export', 'two', 'two.onnx'], { cwd: folder });
      const maes = async (model: string) => {
        const { stdout } = await evaluate('--model', model, ...STORE, '--json', '--card', 'two.json');
        const documents = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        return documents.map(({ origin, all }) => [origin.name, all.age.mean.figures.mae.value]);
      };
      const [whole, first, second] = await maes('two.onnx');
      expect([whole![0], first![0], second![0]]).toEqual([
        'two.onnx',
        'two.onnx, member 1',
        'two.onnx, member 2',
      ]);
      const folders = await maes('two');
      expect(folders.map(([name]) => name)).toEqual(['two/member-1', 'two/member-2', 'ensemble']);
      const near = (mae: number) => expect.closeTo(mae, 3);
      expect(folders.map(([, mae]) => mae)).toEqual([first, second, whole].map((one) => near(one![1])));
    },
    TIMEOUT,
  );

  it(
    'refuses the faces that a model has learned from, and notes it where it is requested all the same',
    async () => {
      const train = ['--data', 'store', '--split', 'shares', '--part', 'train', '--cropped'];
      const sentence =
        "agewise: Model 'model.onnx' has learned from these faces, so that figures of them would mislead; --seen-faces measures it all the same, and notes it\n";
      expect(await evaluate('--model', 'model.onnx', ...train)).toEqual({
        code: 2,
        stdout: '',
        stderr: sentence,
      });
      const whole = await evaluate('--model', 'model.onnx', '--data', 'store', '--cropped');
      expect([whole.code, whole.stderr]).toEqual([2, sentence]);
      const requested = await evaluate('--model', 'model.onnx', ...train, '--seen-faces');
      expect([requested.code, requested.stderr]).toEqual([0, '']);
      expect(requested.stdout).toContain("Model 'model.onnx' has learned from these very faces");

      const compare = (...args: string[]) =>
        agewise(['compare', '--model', 'model.onnx', '--model', 'agewise-base', ...args, '--draws', '5'], {
          cwd: folder,
        });
      expect(await compare(...train)).toEqual({ code: 2, stdout: '', stderr: sentence });
      const compared = await compare(...train, '--seen-faces', '--json');
      expect(JSON.parse(compared.stdout).notes).toEqual([
        "Model 'model.onnx' has learned from these very faces: on others its figures will be worse.",
      ]);
    },
    TIMEOUT,
  );

  it(
    'reports how far estimates move under changes, the same of kept predictions, and averages over mirror images',
    async () => {
      const args = ['--model', 'model.onnx', ...STORE, '--robustness', '3'];
      const files = ['--predictions', 'changed.parquet', '--html', 'changed.html', '--card', 'changed.md'];
      const found = await evaluate(...args, ...files, '--json');
      expect([found.code, found.stderr]).toEqual([0, '']);
      const { robustness, all } = JSON.parse(found.stdout);
      expect(robustness.faces).toBe(3);
      expect(robustness.curves.map(({ kind }: { kind: string }) => kind)).toEqual([
        'margin',
        'shift',
        'roll',
        'blur',
        'jpeg',
        'resolution',
        'brightness',
        'grey',
        'flip',
      ]);
      // A grey square is the same wherever the crop lies, and mirrored; brightness is all that this network sees.
      const added = (kind: string) =>
        robustness.curves
          .find((curve: { kind: string }) => curve.kind === kind)
          .levels.map(({ change }: { change: { value: number } }) => change.value);
      for (const value of [...added('shift'), ...added('margin'), ...added('flip')])
        expect(value).toBeCloseTo(0, 3);
      expect(Math.max(...added('brightness').map(Math.abs))).toBeGreaterThan(0.1);
      expect(robustness.views.deviation.value).toBeCloseTo(0, 3);
      expect(await evaluate('--predictions', 'changed.parquet', '--json')).toEqual(found);
      expect(await readFile(join(folder, 'changed.html'), 'utf8')).toContain('Error under changes');
      expect(await readFile(join(folder, 'changed.md'), 'utf8')).toContain('## Robustness');
      const table = await evaluate('--predictions', 'changed.parquet');
      expect(table.stdout).toMatch(/^MAE of 3 faces +[\d.]+ as they are/m);

      const flipped = await evaluate('--model', 'model.onnx', ...STORE, '--flip', '--json');
      const document = JSON.parse(flipped.stdout);
      expect(document.origin.flip).toBe(true);
      expect(document.all.age.mean.figures.mae.value).toBeCloseTo(all.age.mean.figures.mae.value, 3);
    },
    TIMEOUT,
  );
});

describe('agewise calibrate', () => {
  beforeAll(async () => {
    const age = (row: number) => (row * 37) % 80;
    await writeGreyStore(join(folder, 'calibration'), { count: 240, age });
    await agewise(['data', 'split', 'calibration', '--shares', 'validation=0.5,test=0.5'], { cwd: folder });
  }, TIMEOUT);

  const calibrate = (...args: string[]) =>
    agewise(['calibrate', ...args, '--threads', '1', '--cropped'], { cwd: folder });
  const part = (name: string) => ['--data', 'calibration', '--split', 'shares', '--part', name];

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
          "agewise: Model 'calibrated.onnx' was calibrated on these faces, so that figures of them would mislead; --seen-faces measures it all the same, and notes it\n",
      });
      const allowed = await evaluate(...same, '--seen-faces', '--json');
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
      const made = await calibrate(
        'model.onnx',
        'both.onnx',
        '--data',
        'calibration',
        '--data',
        'store',
        '--json',
      );
      expect([made.code, made.stderr]).toEqual([0, '']);
      const { calibration } = JSON.parse(made.stdout);
      expect(calibration.fittedOn.map(({ faces }: { faces: number }) => faces)).toEqual([240, 48]);
      for (const data of ['calibration', 'store']) {
        const { code, stderr } = await evaluate('--model', 'both.onnx', '--data', data, '--cropped');
        expect([code, stderr]).toEqual([2, expect.stringContaining('was calibrated on these faces')]);
      }
      const twice = await calibrate(
        'model.onnx',
        'twice.onnx',
        '--data',
        'calibration',
        '--data',
        'calibration',
      );
      expect(twice.stderr).toBe("agewise: --data: expected each store once, found 'calibration' twice\n");
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
