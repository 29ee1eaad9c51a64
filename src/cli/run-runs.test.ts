import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../train/index.js';
import { runsText } from './run-runs.js';

const LOOK = { colours: false, columns: undefined };

const run = (changes: Partial<RunSummary>): RunSummary => ({
  name: 'first',
  folder: 'runs/first',
  recipe: 'dex',
  network: 'vgg-16',
  data: ['utkface'],
  seed: 1,
  started: '2026-11-01T10:00:00.000Z',
  epochs: 3,
  plannedEpochs: 12,
  updates: 300,
  seconds: 3700,
  best: { epoch: 2, figures: { loss: 3.25, mae: 4.5678, 'loss.gender': 0.25 } },
  ...changes,
});

const RUNS = [
  run({}),
  run({ name: '=second, "\x1b[2J', data: ['utkface', 'adience'], best: null }),
  run({ name: 'third', best: { epoch: 1, figures: { loss: Number.NaN, mae: 11.25, gender: 0.9 } } }),
];

describe('agewise runs', () => {
  it('prints a table of well-known figures, numbers in line', () => {
    expect(runsText(RUNS, {}, LOOK).split('\n')).toEqual([
      'Run                Recipe  Data               Epochs  Best   loss    MAE  gender       Time',
      'first              dex     utkface           3 of 12     2  3.250   4.57          1 h 2 min',
      '=second, "\\x1b[2J  dex     utkface, adience  3 of 12                              1 h 2 min',
      'third              dex     utkface           3 of 12     1      –  11.25   90.0%  1 h 2 min',
      '',
    ]);
  });

  it('prints every figure as CSV, no name as a formula', () => {
    const [head, first, second, third] = runsText(RUNS, { csv: true }, LOOK).split('\n');
    expect(head).toBe(
      'run,folder,recipe,network,data,seed,started,epochs,planned_epochs,updates,seconds,best_epoch,' +
        'validation_loss,validation_mae,validation_gender,validation_loss.gender',
    );
    expect(first).toBe(
      'first,runs/first,dex,vgg-16,utkface,1,2026-11-01T10:00:00.000Z,3,12,300,3700,2,3.25,4.5678,,0.25',
    );
    expect(second).not.toMatch(/^"?=/);
    expect(second).toContain(',"utkface, adience",');
    expect(third).toMatch(/,1,,11\.25,0\.9,$/);
  });

  it('prints a line of JSON for each', () => {
    const lines = runsText(RUNS, { json: true }, LOOK).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(RUNS.map(({ name }) => name));
    expect(JSON.parse(lines[0]!)).toEqual(RUNS[0]);
  });
});
