import { describe, expect, it } from 'vitest';
import { recipeSchema, type Stage } from './recipe/schema.js';
import { learningRate } from './schedule.js';

const stage = (changes: Record<string, unknown>): Stage =>
  recipeSchema.shape.stages.element.parse({
    name: 'only',
    epochs: 4,
    rate: 0.1,
    optimizer: { kind: 'sgd' },
    ...changes,
  });

const PER_EPOCH = 10;
const rates = (changes: Record<string, unknown>, ...steps: number[]) =>
  steps.map((step) => learningRate(stage(changes), step, PER_EPOCH));

describe('the learning rate', () => {
  it('stays if nothing is said', () => {
    expect(rates({}, 0, 39)).toEqual([0.1, 0.1]);
  });

  it('rises over the warm-up and reaches its height with its last update', () => {
    const [first, middle, last, after] = rates({ warmUp: 0.4 }, 0, 1, 3, 4);
    expect([first, middle, last, after]).toEqual([0.025, 0.05, 0.1, 0.1]);
  });

  it('follows half a cosine to its end', () => {
    const [start, half, end] = rates({ schedule: { kind: 'cosine', end: 0.2 } }, 0, 20, 40);
    expect(start).toBeCloseTo(0.1, 12);
    expect(half).toBeCloseTo(0.06, 12);
    expect(end).toBeCloseTo(0.02, 12);
  });

  it('is divided more with each update, as by the decay of Keras', () => {
    const [first, second, last] = rates({ schedule: { kind: 'inverse', decay: 0.25 } }, 0, 1, 4);
    expect(first).toBe(0.1);
    expect(second).toBeCloseTo(0.1 / 1.25, 12);
    expect(last).toBeCloseTo(0.05, 12);
  });

  it('falls by its factor at shares of the epochs, as WRN-16-8 trains', () => {
    const steps = { kind: 'steps', at: [0.25, 0.5, 0.75], factor: 0.2 };
    const found = rates({ schedule: steps }, 9, 10, 20, 30);
    [0.1, 0.02, 0.004, 0.0008].forEach((rate, i) => {
      expect(found[i]).toBeCloseTo(rate, 12);
    });
  });
});
