/** A recipe's network, heads and losses as one graph. */
import { type LossTerm, totalLoss } from '../../losses/index.js';
import { Layers, sharesOf, type WeightSource } from '../../networks/index.js';
import { intAttribute, type Model } from '../../onnx/index.js';
import type { Recipe } from '../recipe/index.js';
import type { Backbone } from '../weights/index.js';
import { addAgeHead, classesOf } from './age-head.js';
import type { Assembled } from './assembled.js';
import { featuresByName, featuresFromFile } from './features.js';
import { addGenderHead } from './gender-head.js';
import { AGE_HEAD, GENDER_HEAD, LOSS } from './names.js';
import { standardized } from './standardize.js';

/**
 * Builds the training graph.
 * @param weights initial weights of the recipe's network and of the heads
 * @param backbone from a file, if the recipe names one
 * @throws RecipeError if network, pictures, heads and losses do not match.
 */
export function assemble(recipe: Recipe, weights: WeightSource, backbone?: Backbone): Assembled {
  const features = backbone ? featuresFromFile(recipe, backbone, weights) : featuresByName(recipe, weights);
  const { g, headBias: bias, headInitial: initial } = features;
  const layers = new Layers(g, weights);
  const end = recipe.network.standardize ? standardized(layers, features.end, recipe) : features.end;
  const branches =
    'dtype' in end || 'expectation' in end ? [] : end.map(({ name, share }) => ({ name, share }));
  const { age, gender } = recipe.heads;
  const classes = age && classesOf(recipe);
  const terms: Record<string, LossTerm> = {
    ...(classes && addAgeHead(layers, end, recipe, classes, { bias, initial })),
    ...(gender && { gender: addGenderHead(layers, end, recipe, { bias, initial }) }),
  };
  const { total, parts } = totalLoss(g, terms);
  g.output(total, LOSS);
  for (const [name, value] of Object.entries(parts)) g.output(value, `${LOSS}.${name}`);
  const forward = g.build();
  return {
    forward,
    images: features.images,
    input: features.input,
    classes,
    gender: gender !== undefined,
    losses: Object.keys(parts),
    backbone: features.backbone,
    heads: [...features.branches, ...layers.trainable],
    statistics: statisticsOf(forward),
    branches,
    shares:
      branches.length === 0
        ? []
        : [...(classes ? [AGE_HEAD] : []), ...(gender ? [GENDER_HEAD] : [])].map(sharesOf),
    description: features.description,
  };
}

/** The constants with the running statistics of batch norms in training form. */
const statisticsOf = ({ graph }: Model): string[] =>
  graph.nodes
    .filter((n) => n.op === 'BatchNormalization' && intAttribute(n, 'training_mode', 0) === 1)
    .flatMap(({ inputs }) => inputs.slice(3, 5));
