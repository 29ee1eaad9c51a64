/** Optimizers of recipes as those of the library. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readRecipe } from './load.js';

const FOLDER = join(import.meta.dirname, '../../../recipes');

function optimizerOf(kind: string) {
  const document = {
    name: 'small',
    title: 'A small network',
    source: 'own',
    reports: 'nothing',
    network: { name: 'lenet-5' },
    heads: { age: {} },
    batch: 8,
    stages: [{ name: 'only', epochs: 1, rate: 0.1, optimizer: { kind } }],
  };
  return readRecipe(JSON.stringify(document), 'test.yaml').stages[0]!.optimizer;
}

describe('the optimizer of a recipe that states only its kind', () => {
  // https://docs.pytorch.org/docs/stable/optim.html: the signatures of SGD, Adam and AdamW
  it.each([
    { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
    { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  ])('is what PyTorch makes of $kind', (expected) => {
    expect(optimizerOf(expected.kind)).toEqual(expected);
  });
});

describe('recipes that ship', () => {
  const stages = readdirSync(FOLDER).flatMap((file) => {
    const recipe = parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      stages: { name: string; optimizer: { kind: string } }[];
    };
    return recipe.stages.map(({ name, optimizer }) => ({ file, name, optimizer }));
  });

  it.each(stages)('state what libraries disagree about: $file, stage $name', ({ optimizer }) => {
    const stated = { sgd: 'momentum', adam: 'kind', adamw: 'weightDecay' }[optimizer.kind]!;
    expect(optimizer).toHaveProperty(stated);
  });
});
