import { describe, expect, it } from 'vitest';
import { float32, float32Values } from '../onnx/index.js';
import { checkRecipe, type RecipeDocument } from './recipe/index.js';
import { withBranches } from './stage-branches.js';

const sgd = { kind: 'sgd' } as const;
const DOCUMENT: RecipeDocument = {
  name: 'two',
  title: 'Two phases',
  source: 'none',
  reports: 'nothing',
  network: { name: 'al-resnet' },
  heads: { age: { classes: 'groups-8' } },
  batch: 8,
  stages: [
    { name: 'region', branches: ['region'], epochs: 1, rate: 0.01, optimizer: sgd },
    { name: 'both', epochs: 1, rate: 0.01, optimizer: sgd },
    { name: 'wrong', branches: ['global', 'regional'], epochs: 1, rate: 0.01, optimizer: sgd },
  ],
};
const recipe = checkRecipe(DOCUMENT, 'two.yaml');
const assembled = {
  branches: [
    { name: 'global', share: 1 },
    { name: 'local', share: 0.5 },
    { name: 'region', share: 0 },
  ],
  shares: ['age_head.shares'],
};
const weights = new Map([['age_head.shares', float32('age_head.shares', [1, 3, 1], [0, 0, 0])]]);

/** The shares that a stage's constant stands for. */
function sharesIn(stage: number): number[] {
  const found = withBranches(weights, recipe, recipe.stages[stage]!, assembled).get('age_head.shares')!;
  return Array.from(float32Values(found), Math.exp);
}

describe('branches of a stage', () => {
  it('count only if the stage names them', () => {
    expect(sharesIn(0)).toEqual([0, 0, 1]);
  });

  it('count by their shares where it names none', () => {
    const [global, local, region] = sharesIn(1);
    expect(global).toBeCloseTo(2 / 3, 6);
    expect(local).toBeCloseTo(1 / 3, 6);
    expect(region).toBe(0);
  });

  it('are refused in one sentence where the network has none of the name', () => {
    const [, , wrong] = recipe.stages;
    expect(() => withBranches(weights, recipe, wrong!, assembled)).toThrow(
      "Recipe 'two': stage 'wrong': branches: expected branches of the network ('global', 'local', 'region'), found 'regional'",
    );
    expect(() => withBranches(weights, recipe, wrong!, { branches: [], shares: [] })).toThrow(
      "expected branches of the network (none), found 'global'",
    );
  });

  it('leave the weights of other networks as they are', () => {
    const found = withBranches(weights, recipe, recipe.stages[1]!, { branches: [], shares: [] });
    expect(found).toBe(weights);
  });
});
