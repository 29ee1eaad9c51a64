/** The head for gender. */
import { GENDERS } from '../../age/index.js';
import { genderCrossEntropy, type LossTerm } from '../../losses/index.js';
import { classificationHead, type HeadOptions, type Layers, type NetworkEnd } from '../../networks/index.js';
import type { Recipe } from '../recipe/index.js';
import { GENDER, GENDER_HEAD, GENDER_KNOWN, GENDER_TARGET } from './names.js';
import { namingField } from './naming-field.js';

/**
 * Adds the head and its output.
 * @param options of its layer
 * @throws RecipeError if it does not fit the network.
 */
export function addGenderHead(
  layers: Layers,
  end: NetworkEnd,
  recipe: Recipe,
  options: Omit<HeadOptions, 'name'>,
): LossTerm {
  const { g } = layers;
  const logits = namingField(recipe, 'heads.gender', () =>
    classificationHead(layers, end, GENDERS.length, { name: GENDER_HEAD, ...options }),
  );
  g.output(g.op('Softmax', [logits], { axis: 1 }), GENDER);
  return {
    losses: genderCrossEntropy(g, logits, g.input(GENDER_TARGET, 'float32', ['N'])),
    weights: g.input(GENDER_KNOWN, 'float32', ['N']),
    factor: recipe.heads.gender!.factor,
  };
}
