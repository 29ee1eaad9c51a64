import { describe, expect, it } from 'vitest';
import { recipeFields } from './fields.js';

const fields = recipeFields();
const at = (path: string, when?: string) =>
  fields.find((field) => field.path === path && field.when === when);

describe('recipeFields', () => {
  it.each(fields.map((field) => [`${field.path} ${field.when ?? ''}`, field] as const))(
    'describes %s',
    (_, field) => {
      // No end of a sentence: descriptions stand in tables.
      expect(field.description).toMatch(/^[^.].*[^.]$/);
    },
  );

  it('reports what a field takes and what it is if left out', () => {
    expect(at('batch')).toMatchObject({ type: 'a whole number from 1 to 4096', required: true });
    expect(at('average')).toMatchObject({ required: false });
    expect(at('evaluateEvery')).toMatchObject({
      type: 'a whole number of at least 1',
      required: false,
      default: 1,
    });
    expect(at('network.weights')).not.toHaveProperty('default');
  });

  it('goes into lists, unions and optional mappings', () => {
    expect(at('stages.N.train.from')).toMatchObject({ type: 'text', leaf: true });
    expect(at('augment.erasing.area')).toMatchObject({ type: 'a list of 2 numbers', default: [0.02, 0.4] });
    expect(at('heads.age.losses')).toMatchObject({ leaf: false });
  });

  it('has a field of several kinds once for each form of it, and what distinguishes them once', () => {
    const decays = fields.filter(({ path }) => path === 'stages.N.optimizer.weightDecay');
    expect(decays.map(({ when }) => when)).toEqual(['kind: sgd, adam', 'kind: adamw']);
    expect(fields.filter(({ path }) => path === 'stages.N.optimizer.kind')).toEqual([
      expect.objectContaining({ type: "'sgd', 'adam' or 'adamw'", required: true }),
    ]);
  });
});
