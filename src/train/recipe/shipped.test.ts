import { describe, expect, it } from 'vitest';
import { loadRecipe, recipeText } from './load.js';
import { recipeSchema } from './schema.js';
import { shippedRecipes } from './shipped.js';
import { smokeForm } from './smoke.js';

/** Of the system with AL-ResNet. */
const BASELINES = [
  'softmax',
  'dense',
  'cnn',
  'rnn',
  'lenet',
  'alexnet',
  '4c2f',
  'levi-hassner',
  'vgg19',
  'inception-v3',
  'resnet50v2',
];

/** The same as the system has them. */
const DEEP_AGE = [
  'softmax',
  'dnn',
  'cnn',
  'lenet',
  'alexnet',
  '4c2f',
  '4c2f-mod',
  'vgg19',
  'inception-v3',
  'resnet50v2',
];

const names = await shippedRecipes();

it('lists a recipe of each system', () => {
  expect(names).toEqual(
    expect.arrayContaining([
      'dex-vgg19-ensemble',
      'wrn-16-8-imdb-wiki',
      'backbone-imdb-wiki',
      'resnet50-two-stage-utkface',
      'vgg-face-wiki-age',
      'vgg-face-wiki-gender',
      'finetune-hse-faceres',
      'al-resnet-14',
      'al-resnet-8',
      ...DEEP_AGE.map((network) => `deep-age-${network}`),
      ...BASELINES.map((network) => `${network}-groups-14`),
    ]),
  );
});

describe.each(names)('the recipe %s', (name) => {
  it('loads, under its own name, and names a known network', async () => {
    expect((await loadRecipe(name)).name).toBe(name);
  });

  it('reports what it is, in comments, before anything else', async () => {
    expect(await recipeText(name)).toMatch(/^# .+/);
  });

  it('has a smoke form that is a recipe too', async () => {
    const smoke = smokeForm(await loadRecipe(name));
    expect(recipeSchema.parse(smoke)).toEqual(smoke);
  });

  it('stands in the default split, so that figures compare; models that ship and their teachers in one that every import has, those of Deep Age in its own', async () => {
    const { split } = (await loadRecipe(name)).data;
    if (/^(agewise|teacher)-/.test(name)) expect(split).toEqual({ name: 'hash' });
    else if (/^al-resnet-/.test(name)) expect(split).toEqual({ name: 'al-resnet', validation: 0.1 });
    else if (/^deep-age-/.test(name)) expect(split).toEqual({ name: 'al-resnet', validation: 0.2 });
    else expect(split).toMatchObject({ name: 'shares', shares: { train: 0.8, validation: 0.1, test: 0.1 } });
  });
});
