import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Figures } from '../../metrics/index.js';
import { checkRecipe } from '../recipe/load.js';
import { writeEnsembleFigures } from './ensemble-figures.js';
import { writeEnsemblePage } from './ensemble-page.js';
import { readRunFacts, writeRunFacts } from './run-facts.js';
import { RunLog } from './run-log.js';
import { runPage, writeRunPage } from './run-page.js';
import type { EpochEntry, LogEntry, SeparationEntry, StepEntry } from './types.js';

const HOSTILE = '</style><script>alert(1)</script>"';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-page-'));
});
afterEach(() => rm(folder, { recursive: true }));

const optimizer = { kind: 'sgd' } as const;

const recipe = checkRecipe(
  {
    name: 'small',
    title: `A <small> network ${HOSTILE}`,
    source: HOSTILE,
    reports: HOSTILE,
    network: { name: 'lenet-5' },
    heads: { age: { classes: '0-100' }, gender: {} },
    batch: 8,
    members: 3,
    stages: [
      { name: 'frozen', epochs: 2, rate: 0.1, optimizer },
      { name: 'whole', epochs: 4, rate: 0.01, optimizer },
    ],
  },
  'here',
);

const begin = (run: string, seed = 1, members = 3) =>
  writeRunFacts(run, {
    recipe: { ...recipe, members },
    seed,
    command: ['agewise', 'train', HOSTILE],
    device: 'cpu',
    target: { block: 8 },
    stores: [
      {
        folder: HOSTILE,
        id: 'faces',
        title: 'Faces',
        terms: 'research',
        fingerprint: 'ab'.repeat(32),
        rows: 12_345,
      },
    ],
    split: { name: 'shares', counts: { train: 10_000, validation: 2345 }, sha256: 'cd'.repeat(32) },
  });

const epoch = (n: number, stage: string, validation: Figures | undefined, best: boolean): EpochEntry => ({
  kind: 'epoch',
  step: 10 * n,
  epoch: n,
  stage,
  rate: 0.1 / n,
  train: { loss: 5 - n / 2, 'loss.gender': 0.5, mae: 10 - n },
  ...(validation && { validation }),
  best,
  seconds: 90 * n,
});

const step = (n: number): StepEntry => ({
  kind: 'step',
  step: n,
  epoch: Math.ceil(n / 10),
  stage: n <= 20 ? 'frozen' : 'whole',
  rate: 0.1,
  train: { loss: 4 },
  imagesPerSecond: 50,
});

const EPOCHS = [
  epoch(1, 'frozen', { loss: 5, mae: 9.5, gender: 0.75 }, true),
  epoch(2, 'frozen', undefined, false),
  epoch(3, 'whole', { loss: 4, mae: 7.25, gender: 0.875 }, true),
  epoch(4, 'whole', { loss: 4.5, mae: 8, gender: 0.8 }, false),
];

/** Of each age in 0..100 as many faces as it has years, estimated evenly within ten years around the true one. */
const separation = (n: number): SeparationEntry => {
  const labels = Array.from({ length: 101 }, (_, age) => `${age}`);
  const mean = (age: number) => {
    const near = labels.map((_, k) => (Math.abs(k - age) <= 5 ? 1 : 0));
    const all = near.reduce<number>((sum, p) => sum + p, 0);
    return near.map((p) => p / all);
  };
  const classes = labels
    .slice(1)
    .map((label) => ({ label, count: Number(label), mean: mean(Number(label)) }));
  const face = { age: 40, probabilities: mean(40) };
  return { kind: 'separation', epoch: n, step: 10 * n, labels, classes, face };
};

async function pageOf(history: readonly LogEntry[]): Promise<string> {
  await begin(folder);
  return runPage(history, await readRunFacts(folder));
}

const sectionsOf = (page: string) => [...page.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map((match) => match[1]);

/** The figure under a caption. */
function figure(page: string, caption: string): string {
  const start = page.indexOf(`<figcaption>${caption}<`);
  expect(start, caption).toBeGreaterThan(-1);
  return page.slice(start, page.indexOf('</figure>', start));
}

const cells = (row: string) =>
  [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map((match) => match[1]!.replace(/<[^>]*>/g, ''));

const rowsOf = (markup: string) => [...markup.matchAll(/<tr>(.*?)<\/tr>/g)].map((match) => cells(match[1]!));

describe("a run's page", () => {
  it('reports a run that has only started', async () => {
    const page = await pageOf([]);
    expect(sectionsOf(page)).toEqual(['Run']);
    expect(page).toContain('No epoch has finished yet, 0 updates, seed 1.');
  });

  it('shows how good the best weights are, and when they were', async () => {
    const page = await pageOf([step(5), ...EPOCHS]);
    const facts = [...page.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map((match) => match.slice(1));
    expect(facts).toEqual([
      ['MAE in years', '7.25'],
      ['genders right', '87.5%'],
      ['best epoch', '3'],
      ['training time', '6 min'],
    ]);
    expect(page).toContain('After 4 of at most 6 epochs, stage whole, 40 updates');
    expect(sectionsOf(page)).toEqual(['Curves', 'Updates', 'Epochs', 'Run']);
  });

  it('has a curve of each figure for both parts, with the stages marked', async () => {
    const page = await pageOf(EPOCHS);
    const error = figure(page, 'Age error (MAE)');
    expect([...error.matchAll(/<title>(\w+: [^<]*)</g)].map((match) => match[1])).toEqual([
      'training: 9 at 1',
      'training: 8 at 2',
      'training: 7 at 3',
      'training: 6 at 4',
      'validation: 9.5 at 1',
      'validation: 7.25 at 3',
      'validation: 8 at 4',
    ]);
    expect([...error.matchAll(/<g><title>(\w+)</g)].map((match) => match[1])).toEqual(['frozen', 'whole']);
    expect(figure(page, 'Gender accuracy')).toContain('validation: 87.5% at 3<');
    expect(figure(page, 'Part of the loss: gender')).toContain('Of the training part.');
  });

  it('has the validation loss of each head', async () => {
    const each = { loss: 4, 'loss.age': 3.25, 'loss.gender': 0.75, mae: 7 };
    const page = await pageOf([epoch(1, 'whole', each, true)]);
    expect(figure(page, 'Part of the loss: age')).toContain('validation: 3.25 at 1<');
    const gender = figure(page, 'Part of the loss: gender');
    expect(gender).toContain('training: 0.5 at 1<');
    expect(gender).toContain('validation: 0.75 at 1<');
  });

  it('draws thousands of updates by few points', async () => {
    const page = await pageOf(Array.from({ length: 5000 }, (_, i) => step(i + 1)));
    const path = /class="line c0" d="([^"]*)"/.exec(figure(page, 'Loss of training'))![1]!;
    expect(path.match(/[ML]/g)!.length).toBeGreaterThan(200);
    expect(path.match(/[ML]/g)!.length).toBeLessThanOrEqual(240);
  });

  it('has a row for each epoch', async () => {
    const page = await pageOf(EPOCHS);
    const [, titles, ...rows] = rowsOf(figure(page, 'Metrics of each epoch'));
    expect(titles).toEqual(['epoch', '', 'stage', 'rate', 'loss', 'MAE', 'gender', 'loss', 'MAE', 'time']);
    expect(rows[1]).toEqual(['2', '', 'frozen', '0.05', '', '', '', '4.000', '8.00', '3 min']);
    expect(rows[2]).toEqual([
      '3',
      'best',
      'whole',
      '0.03333',
      '4.000',
      '7.25',
      '87.5%',
      '3.500',
      '7.00',
      '5 min',
    ]);
  });

  it('reports what each stage reached', async () => {
    const page = await pageOf([...EPOCHS, epoch(5, 'whole', { loss: 4.2, mae: 7, gender: 0.81 }, false)]);
    const [titles, ...rows] = rowsOf(figure(page, 'The best MAE of each stage'));
    expect(titles).toEqual(['stage', 'epochs', 'updates', 'best epoch', 'loss', 'MAE', 'gender']);
    expect(rows).toEqual([
      ['frozen', '2', '20', '1', '5.000', '9.50', '75.0%'],
      ['whole', '3', '30', '5', '4.200', '7.00', '81.0%'],
    ]);
  });

  it('has no table of stages if nothing was evaluated', async () => {
    expect(await pageOf([epoch(1, 'frozen', undefined, false)])).not.toContain('of each stage');
  });

  it('shows the predictions of the best weights for each class', async () => {
    const confusion = (n: number, right: number): LogEntry => ({
      kind: 'confusion',
      epoch: n,
      step: 10 * n,
      age: {
        labels: ['1-5', '<6', '19+', '90+'],
        counts: [
          [right, 1, 0, 0],
          [2, 6, 0, 0],
          [0, 0, 0, 0],
          [1, 0, 0, 0],
        ],
      },
    });
    const page = await pageOf([...EPOCHS, confusion(1, 0), confusion(3, 3)]);
    expect(page).toContain('by the weights after epoch 3.');
    const matrix = rowsOf(figure(page, 'Ages: true and predicted'));
    // 19+ occurs nowhere.
    expect(matrix[0]).toEqual(['true', '1-5', '&lt;6', '90+', 'all']);
    expect(matrix[1]).toEqual(['1-5', '3', '1', '0', '4']);
    const [, ...rows] = rowsOf(figure(page, 'Ages: figures of each class'));
    expect(rows).toEqual([
      // Precision 3/6, recall 3/4; precision 6/7, recall 6/8; never predicted, recall 0 of 1.
      ['1-5', '0.500', '0.750', '0.600', '4'],
      ['&lt;6', '0.857', '0.750', '0.800', '8'],
      ['90+', '–', '0.000', '0.000', '1'],
      ['mean of classes', '0.452', '0.500', '0.467', '13'],
      ['mean of faces', '0.681', '0.692', '0.677', '13'],
    ]);
    expect(page).not.toContain('Genders: true and predicted');
  });

  it('shows how far the predicted distributions of ages are apart', async () => {
    const page = await pageOf([...EPOCHS, separation(3), separation(4)]);
    const drawn = figure(page, 'After epoch 3');
    // Of the classes of at least five faces six, from the first to the last.
    expect([...drawn.matchAll(/<li class="c\d">([^<]*)</g)].map((match) => match[1])).toEqual(
      ['5', '24', '43', '62', '81', '100'].map((age) => `${age} (${age} faces)`),
    );
    const [titles, ...rows] = rowsOf(figure(page, 'Predicted by true age after epoch 4'));
    expect(titles!.slice(0, 3)).toEqual(['true age', '0–9', '10–19']);
    expect(rows.map(([name]) => name)).toContain('20–29 (245)');
    // Of 20..29, weighted by age, the ages 10..19: Σ age · max(0, 25 − age) / 11 / 245.
    const share = [20, 21, 22, 23, 24].reduce((sum, age) => sum + (age * (25 - age)) / 11, 0) / 245;
    expect(rows[2]![2]).toBe(`${(100 * share).toFixed(0)}%`);
    expect(page.match(/<details><summary>Predicted by true age after epoch 3</g)).toHaveLength(1);
    for (const n of [3, 4]) {
      const bars = figure(page, `One face after epoch ${n}`);
      expect(bars).toContain('a face of 40 years');
      // Eleven of 101 years have a probability, 35 to 45.
      const nonZero = [...bars.matchAll(/<title>(\d+): ([\d.]+)</g)].filter((match) => Number(match[2]) > 0);
      expect(nonZero.map((match) => match[1])).toEqual(Array.from({ length: 11 }, (_, i) => `${35 + i}`));
    }
  });

  it('repeats notices, and escapes its input', async () => {
    const page = await pageOf([{ kind: 'notice', epoch: 1, step: 1234, message: HOSTILE }]);
    expect(sectionsOf(page)).toEqual(['Notices', 'Run']);
    expect(page).toContain('Epoch 1, update 1234: &lt;/style&gt;');
    expect(page).not.toContain('<script');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  it('draws curves of figures that are not finite', async () => {
    const lost = { ...EPOCHS[0]!, train: { loss: Number.NaN }, validation: { loss: Number.NaN } };
    expect(await pageOf([lost])).not.toContain('NaN');
  });

  it('is written from what the folder holds', async () => {
    await begin(folder);
    const log = await RunLog.open(folder, { step: 0 });
    for (const entry of EPOCHS) await log.write(entry);
    await log.close();
    await writeRunPage(folder);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toBe(runPage(EPOCHS, await readRunFacts(folder)));
    expect((await readdir(folder)).filter((name) => name.includes('.partial-'))).toEqual([]);
  });

  it('of a folder that is no run is not written', async () => {
    await expect(writeRunPage(folder)).rejects.toThrow("run.json' cannot be read: it does not exist");
    expect(await readdir(folder)).toEqual([]);
  });
});

it("an ensemble's page has its members' curves together, and leads to their pages", async () => {
  const members = [1, 2].map((n) => join(folder, `member ${n}`));
  await begin(folder);
  for (const [i, member] of members.entries()) {
    await begin(member, i, 1);
    const log = await RunLog.open(member, { step: 0 });
    for (const entry of EPOCHS.slice(0, 3 + i)) await log.write(entry);
    await log.close();
  }
  await writeEnsemblePage(folder, members);
  await writeEnsembleFigures(folder, {
    steps: [30, 30],
    figures: { mae: 6.5, gender: 0.9 },
    faces: [{ age: 31, estimate: 30.25, members: [28, 32.5] }],
  });
  await writeEnsemblePage(folder, members);
  const page = await readFile(join(folder, 'report.html'), 'utf8');
  expect(page).toContain('2 of 3 networks have started, each of at most 6 epochs.');
  expect(page).toContain('<a href="member%201/report.html">member 1</a>');
  const [, ...rows] = rowsOf(figure(page, 'The best weights of each member'));
  expect(rows).toEqual([
    ['member 1', '0', '3', '3', '4.000', '7.25', '87.5%', '5 min'],
    ['member 2', '1', '4', '3', '4.000', '7.25', '87.5%', '6 min'],
    ['ensemble', '', '', '', '', '6.50', '90.0%', ''],
  ]);
  const [, titles, estimates] = rowsOf(figure(page, 'Estimates of some faces'));
  expect(titles).toEqual(['known age', 'ensemble', 'member 1', 'member 2']);
  expect(estimates).toEqual(['31', '30.3', '28.0', '32.5']);
  const error = figure(page, 'Age error (MAE), validation');
  expect(error.match(/<title>member 1: /g)).toHaveLength(2);
  expect(error.match(/<title>member 2: /g)).toHaveLength(3);
});
