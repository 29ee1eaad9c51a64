import { describe, expect, it } from 'vitest';
import { execute, noise } from '../../../test/support/execute.js';
import { type AgeClass, averageDistributions, yearClasses } from '../../age/index.js';
import type { InputSpec } from '../../metadata/index.js';
import { testInput } from '../../metadata/testing.js';
import { float32, GraphBuilder } from '../../onnx/index.js';
import { joinParts, type Part } from './join.js';

const INPUT = testInput({ width: 2, height: 2, margin: 0.4 });
const YEARS = yearClasses();
const GROUPS: AgeClass[] = [
  { from: 0, to: 9 },
  { from: 10, to: 49 },
  { from: 50, to: 100 },
];

interface Parts {
  readonly classes?: readonly AgeClass[];
  readonly gender?: boolean;
  readonly input?: Partial<InputSpec>;
  readonly opset?: number;
}

/** A linear network on all pixels. */
function part(name: string, seed: number, { classes, gender = false, input = {}, opset = 20 }: Parts): Part {
  const g = new GraphBuilder({ opset });
  const images = `${name}_pixels`;
  const x = g.op('Flatten', [g.input(images, 'float32', ['N', 3, 2, 2])]);
  const head = (outputs: number, as: string) => {
    const weights = g.parameter(`${as}.w`, 'float32', [12, outputs], noise(12 * outputs, seed));
    g.output(g.op('Softmax', [g.op('MatMul', [x, weights])], { axis: 1 }), as);
  };
  if (classes) head(classes.length, 'age');
  if (gender) head(2, 'gender');
  return { name, model: g.build(), images, input: { ...INPUT, ...input }, classes, gender, metrics: {} };
}

const pixels = noise(3 * 12, 77);

async function outputs({ model, images }: Part, name: string): Promise<number[][]> {
  const found = (await execute(model, [float32(images, [3, 3, 2, 2], pixels)])).get(name)!;
  const values = Array.from(found.values, Number);
  const width = values.length / 3;
  return [0, 1, 2].map((n) => values.slice(n * width, (n + 1) * width));
}

const near = (found: ArrayLike<number>, expected: ArrayLike<number>) => {
  for (const [k, p] of Array.from(expected).entries()) expect(found[k]).toBeCloseTo(p, 6);
};

describe('joinParts', () => {
  it('averages the distributions of networks, as an ensemble of estimates does', async () => {
    const members = [1, 2, 3].map((seed) => part(`m${seed}`, seed, { classes: YEARS, gender: true }));
    const joined = joinParts(members);
    expect(joined.model.graph.inputs.map((i) => i.name)).toEqual(['m1_pixels']);
    for (const name of ['age', 'gender']) {
      const [found, ...each] = await Promise.all([joined, ...members].map((m) => outputs(m, name)));
      for (const [n, row] of found!.entries()) {
        const mean = row.map((_, k) => each.reduce((sum, e) => sum + e[n]![k]! / 3, 0));
        near(row, mean);
      }
    }
  });

  it('takes from each network the head that only it has', async () => {
    const [age, gender] = [part('a', 4, { classes: GROUPS }), part('b', 5, { gender: true })];
    const joined = joinParts([gender, age]);
    expect([joined.classes, joined.gender]).toEqual([GROUPS, true]);
    expect(await outputs(joined, 'age')).toEqual(await outputs(age, 'age'));
    expect(await outputs(joined, 'gender')).toEqual(await outputs(gender, 'gender'));
  });

  it('averages different classes year by year', async () => {
    const members = [part('years', 6, { classes: YEARS }), part('groups', 7, { classes: GROUPS })];
    const joined = joinParts(members);
    expect(joined.classes).toEqual(YEARS);
    const [found, ...each] = await Promise.all([joined, ...members].map((m) => outputs(m, 'age')));
    found!.forEach((row, n) => {
      const distributions = members.map((m, i) => ({ classes: m.classes!, probabilities: each[i]![n]! }));
      near(row, averageDistributions(distributions).probabilities);
    });
  });

  it('leaves a single network unchanged', () => {
    const one = part('a', 1, { gender: true });
    expect(joinParts([one])).toBe(one);
  });

  it.each<[string, Parts]>([
    ['margin 0.4 and 0.1', { input: { margin: 0.1 } }],
    ['mean 0, 0, 0 and 0, 0, 1', { input: { mean: [0, 0, 1] } }],
    ['color RGB and BGR', { input: { color: 'BGR' } }],
    ['width 2 and 3', { input: { width: 3 } }],
  ])('refuses networks of different pictures: %s', (what, changes) => {
    const parts = [part('a', 1, { classes: YEARS }), part('b', 2, { classes: YEARS, ...changes })];
    expect(() => joinParts(parts)).toThrow(`Runs 'a' and 'b' expect different pictures: ${what}`);
  });

  it('joins networks in different versions of operators in the newer', () => {
    const parts = [part('a', 1, { classes: YEARS, opset: 18 }), part('b', 2, { classes: YEARS })];
    expect(joinParts(parts).model.opsets.get('')).toBe(20);
  });

  it('refuses to join none', () => {
    expect(() => joinParts([])).toThrow('There is no network to export');
  });
});
