/** The features that heads read: of a network of ours, or of a backbone cut from a file. */

import { GRADIENT_NORM, LEARNING_RATE, MICRO_BATCHES, STEP } from '../../autodiff/index.js';
import { maskAddress } from '../../errors/index.js';
import type { InputSpec } from '../../metadata/index.js';
import {
  type HeadInitial,
  Layers,
  type NetworkEnd,
  networkOf,
  type WeightSource,
} from '../../networks/index.js';
import { definedNames, everyName, GraphBuilder, Names, rename } from '../../onnx/index.js';
import type { Recipe } from '../recipe/index.js';
import type { Backbone } from '../weights/index.js';
import { inputSpec } from './input.js';
import * as own from './names.js';
import { namingField } from './naming-field.js';

export interface Features {
  readonly g: GraphBuilder;
  /** The name of the input of pictures. */
  readonly images: string;
  readonly end: NetworkEnd;
  readonly input: InputSpec;
  /** The trainable parameters of the backbone. */
  readonly backbone: readonly string[];
  /** The network's parameters after its backbone, which are new like the heads. */
  readonly branches: readonly string[];
  /** Whether heads have biases. */
  readonly headBias: boolean;
  /** The initial weights of heads; small ones if left out. */
  readonly headInitial?: HeadInitial | undefined;
  readonly description: string;
}

/** Features of the recipe's named network. */
export function featuresByName(recipe: Recipe, weights: WeightSource): Features {
  const network = networkOf(recipe.network.name!);
  const input = inputSpec(recipe, network.input);
  const g = new GraphBuilder({ name: recipe.name });
  const images = g.input(own.IMAGES, 'float32', ['N', 3, input.height, input.width]);
  const layers = new Layers(g, weights);
  const end = namingField(recipe, 'input.size', () => network.build(layers, images));
  const scope = network.backbone === undefined ? '' : `${network.backbone}.`;
  const isBackbone = (name: string) => name.startsWith(scope);
  const from = recipe.network.weights ? `from ${maskAddress(recipe.network.weights)}` : 'from scratch';
  return {
    g,
    images: images.name,
    end,
    input,
    backbone: layers.trainable.filter(isBackbone),
    branches: layers.trainable.filter((name) => !isBackbone(name)),
    headBias: network.headBias ?? true,
    headInitial: network.headInitial,
    description: `${network.title}, ${from}`,
  };
}

/** Features of the backbone in the recipe's file. */
export function featuresFromFile(
  recipe: Recipe,
  { input, trainedOn: _, ...backbone }: Backbone,
  weights: WeightSource,
): Features {
  const { model, images, features, parameters } = withoutOwnNames(backbone);
  const g = GraphBuilder.from(model);
  const value = g.value(features);
  const file = maskAddress(recipe.network.backbone!);
  if (recipe.network.name !== undefined) {
    const network = networkOf(recipe.network.name);
    const layers = new Layers(g, weights);
    const end = network.onMaps!(layers, value);
    return {
      g,
      images,
      end,
      input: inputSpec(recipe, input),
      backbone: parameters,
      branches: [...layers.trainable],
      headBias: network.headBias ?? true,
      headInitial: network.headInitial,
      description: `${network.title} on ${file}`,
    };
  }
  return {
    g,
    images,
    end: value.shape!.length > 2 ? g.op('Flatten', [value]) : value,
    input: inputSpec(recipe, input),
    backbone: parameters,
    branches: [],
    headBias: true,
    description: file,
  };
}

/** Names reserved for values of training graphs and their steps. */
const OWN_NAMES = new Set<string>([
  ...[own.AGE_TARGET, own.AGE_LOW, own.AGE_HIGH, own.AGE_KNOWN, own.GENDER_TARGET, own.GENDER_KNOWN],
  ...[own.LOSS, own.AGE, own.GENDER],
  ...[LEARNING_RATE, STEP, MICRO_BATCHES, GRADIENT_NORM],
]);
const OWN_SCOPES = [own.LOSS, own.STANDARDIZED, own.AGE_HEAD, own.GENDER_HEAD].map((scope) => `${scope}.`);
const isOwn = (name: string): boolean =>
  OWN_NAMES.has(name) || OWN_SCOPES.some((scope) => name.startsWith(scope));

/** A backbone with values that clash with reserved names renamed, as in `backbone.age`; all other names stay. */
function withoutOwnNames({
  model,
  images,
  features,
  parameters,
}: Omit<Backbone, 'input' | 'trainedOn'>): Omit<Backbone, 'input' | 'trainedOn'> {
  const { graph } = model;
  const names = new Names(everyName(graph));
  const taken = [...definedNames(graph)].filter(isOwn);
  const others = new Map(taken.map((name) => [name, names.claim(`backbone.${name}`)]));
  const now = (name: string) => others.get(name) ?? name;
  // Node names are not used, and are replaced by those of values.
  const nodes = graph.nodes.map((node) => (isOwn(node.name) ? { ...node, name: '' } : node));
  return {
    model: rename({ ...model, graph: { ...graph, nodes } }, Object.fromEntries(others)),
    images: now(images),
    features: now(features),
    parameters: parameters.map(now),
  };
}
