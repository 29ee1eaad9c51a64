import { describe, expect, it } from 'vitest';
import type { CardMetadata } from '../card-metadata.js';
import { evaluationOf, HOSTILE, MANY } from '../testing.js';
import { modelCardText } from './markdown.js';
import { modelCard } from './model-card.js';

const FACTS: CardMetadata = {
  name: 'inner',
  input: { width: 160, height: 160, color: 'BGR', margin: 0.1 },
  age: {
    classes: [
      { from: 0, to: 9 },
      { from: 10, to: 100 },
    ],
  },
  gender: {},
  provenance: {
    backbone: 'a | network',
    data: HOSTILE,
    recipe: 'own',
    licence: 'Apache-2.0 | as the data',
    source: 'https://example.org/a_b',
  },
};

const evaluation = evaluationOf(MANY);
const card = modelCard(evaluation, [FACTS]);
const text = modelCardText(card);

describe('a model card', () => {
  it('holds the figures of the evaluation with their intervals', () => {
    const mae = evaluation.all.age.mean!.figures.mae!;
    expect(card.figures[0]).toMatchObject({ name: 'MAE, years', ...mae, faces: 133 });
    expect(card.models[0]!.facts).toMatchObject({ ageClasses: 2, youngest: 0, oldest: 100, gender: true });
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
    expect(text).toContain(
      `| MAE, years | ${mae.value!.toFixed(2)} (${mae.low!.toFixed(2)} to ${mae.high!.toFixed(2)}) | 133 | 5.0% |`,
    );
    expect(text).toContain('20 bootstrap draws over 140 faces, seed 7');
    expect(text).toMatch(/^\| calibration error of P\(≥18\), 10 bins \| /m);
  });

  it('counts the faces by age, gender and race', () => {
    const lines = text.split('\n');
    const head = lines.findIndex((line) => line.startsWith('| age | a, female | a, male | b, female'));
    const rows = lines.slice(head + 2, lines.indexOf('', head));
    const numbers = rows.map((line) =>
      line
        .split(' | ')
        .slice(1)
        .map((cell) => Number.parseInt(cell, 10)),
    );
    for (const row of numbers) expect(row.slice(0, -1).reduce((a, b) => a + b)).toBe(row.at(-1));
    expect(numbers.at(-1)!.at(-1)).toBe(140);
    expect(rows.at(-1)).toMatch(/^\| all \| 35 \| 35 \| 30 \| 30 \| 5 \| 5 \| 140 \|$/);
  });

  it('names the worst group, faces that were not found, and minors estimated as adults', () => {
    expect(card.limits).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^By race: Worst: b, MAE 9\.00 years/),
        '7 of 140 faces (5.0%) were not found and count in no error.',
        expect.stringMatching(
          /^Of \d+ faces younger than 18, \d+\.\d% \(.*\) were estimated as 18 or older\.$/,
        ),
      ]),
    );
    expect(text).toContain('## Terms\n\nApache-2.0 \\| as the data\n');
  });

  it('tells of gender alone for a model of gender alone', () => {
    expect(text).toContain('| output | ages 0 to 100 in 2 classes, gender |');
    const alone = modelCardText(modelCard(evaluation, [{ ...FACTS, age: null }]));
    expect(alone).toContain('| output | gender |');
  });

  it('escapes all names', () => {
    expect(text).not.toMatch(/(?<!\\)<script/);
    // Every line of a table has as many cells as its head.
    for (const block of text.split('\n\n').filter((part) => part.startsWith('|'))) {
      const cells = block.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size, block).toBe(1);
    }
    expect(text.match(/^# /gm)).toHaveLength(1);
  });

  it('can be made for a single face, and for a model without metadata', () => {
    const bare = modelCard(evaluationOf([{ label: { age: 30 }, estimate: 33 }]));
    expect(bare.models[0]!.facts).toBeNull();
    expect(bare.groups.map(({ worst }) => worst)).toEqual([null]);
    expect(bare.terms).toEqual([]);
    const written = modelCardText(bare);
    expect(written).not.toContain('gender accuracy');
    expect(written).not.toContain('## Terms');
    expect(written).not.toMatch(/undefined|NaN/);
  });
});
