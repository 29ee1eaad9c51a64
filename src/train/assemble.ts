/** A recipe's network, heads and losses as one graph. */
import { type AgeClass, CLASS_SETS, classAges } from '../age/index.js';
import { GRADIENT_NORM, LEARNING_RATE, MICRO_BATCHES, STEP } from '../autodiff/index.js';
import {
  absoluteLoss,
  coralDistribution,
  coralLoss,
  crossEntropy,
  expectedAge,
  genderCrossEntropy,
  huberLoss,
  type LossTerm,
  meanLoss,
  totalLoss,
  varianceLoss,
} from '../losses/index.js';
import {
  classificationHead,
  HeadError,
  Layers,
  type NetworkEnd,
  NetworkError,
  networkOf,
  ordinalHead,
  regressionHead,
  type WeightSource,
} from '../networks/index.js';
import {
  definedNames,
  everyName,
  float32,
  GraphBuilder,
  intAttribute,
  type Model,
  Names,
  rename,
  type Value,
} from '../onnx/index.js';
import type { InputSpec } from '../vision/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import type { Backbone } from './weights/index.js';

/** What the input of pictures is called where a network is built here. */
const IMAGES = 'images';
/** The inputs of labels. Class weights `[N, K]`, zeros where the age is not known (see age/targets.ts). */
export const AGE_TARGET = 'age_target';
/** Both ends of what counts as right, `[N]`, in years, and whether they are known, `[N]`, 0 or 1. */
export const AGE_LOW = 'age_low';
export const AGE_HIGH = 'age_high';
export const AGE_KNOWN = 'age_known';
/** The probability of male, `[N]`, and whether it is known, 0 or 1. */
export const GENDER_TARGET = 'gender_target';
export const GENDER_KNOWN = 'gender_known';

/** The outputs: the sum of losses, a scalar, and its parts `loss.NAME`. */
export const LOSS = 'loss';
/** The probabilities of the age classes, `[N, K]`. */
export const AGE = 'age';
/** The probabilities of `GENDER_LABELS`, `[N, 2]`. */
export const GENDER = 'gender';
export const GENDER_LABELS = ['female', 'male'] as const;

/** The scopes of the heads' parameters. */
const HEADS = ['age_head', 'gender_head'] as const;

export interface Assembled {
  /** The forward graph in its training form, for batches of any size `N`. */
  readonly forward: Model;
  /** The name of its input of pictures, `[N, 3, H, W]`. */
  readonly images: string;
  readonly input: InputSpec;
  /** Undefined without a head for age. */
  readonly classes: readonly AgeClass[] | undefined;
  readonly gender: boolean;
  /** The losses that the sum is made of, by their names. */
  readonly losses: readonly string[];
  /** All that gradients may change, from the input to the output; heads include a network's own branches. */
  readonly backbone: readonly string[];
  readonly heads: readonly string[];
  /** The running statistics of batch norm. */
  readonly statistics: readonly string[];
  /** In words: the network and what it began with. */
  readonly description: string;
}

/** All constants of the graph that a run may change. */
export const weightNames = ({ backbone, heads, statistics }: Assembled): string[] => [
  ...backbone,
  ...heads,
  ...statistics,
];

/**
 * Builds the graph.
 * @param backbone of a file, where the recipe names one
 * @throws RecipeError where network, pictures, heads and losses do not fit each other.
 */
export function assemble(recipe: Recipe, weights: WeightSource, backbone?: Backbone): Assembled {
  const start = backbone ? startFromFile(recipe, backbone) : startFromName(recipe, weights);
  const { g, end, input } = start;
  const layers = new Layers(g, weights);
  const bias = start.headBias;
  const terms: Record<string, LossTerm> = {};
  const { age, gender } = recipe.heads;
  const classes = age && classesOf(recipe);
  if (age && classes) {
    fitting(recipe, 'heads.age.kind', () => addAge(layers, end, recipe, classes, bias, terms));
  }
  if (gender) {
    const logits = fitting(recipe, 'heads.gender', () =>
      classificationHead(layers, end, GENDER_LABELS.length, { name: HEADS[1], bias }),
    );
    g.output(g.op('Softmax', [logits], { axis: 1 }), GENDER);
    terms.gender = {
      losses: genderCrossEntropy(g, logits, g.input(GENDER_TARGET, 'float32', ['N'])),
      weights: g.input(GENDER_KNOWN, 'float32', ['N']),
      factor: gender.factor,
    };
  }
  const { total, parts } = totalLoss(g, terms);
  g.output(total, LOSS);
  for (const [name, value] of Object.entries(parts)) g.output(value, `${LOSS}.${name}`);
  const forward = g.build();
  return {
    forward,
    images: start.images,
    input,
    classes,
    gender: gender !== undefined,
    losses: Object.keys(parts),
    backbone: start.parameters,
    heads: [...start.branches, ...layers.trainable],
    statistics: statisticsOf(forward),
    description: start.description,
  };
}

/** What `build` gives; what a network refuses becomes a RecipeError that names the field. */
function fitting<T>({ name }: Recipe, field: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof HeadError)) throw error;
    throw new RecipeError(`Recipe '${name}': ${field}: ${error.message}`, { cause: error });
  }
}

/** The age classes of a recipe. */
function classesOf({ heads, name }: Recipe): readonly AgeClass[] {
  const { classes, kind } = heads.age!;
  const found =
    typeof classes === 'string'
      ? CLASS_SETS[classes]
      : classes.map((c): AgeClass => (typeof c === 'number' ? { from: c, to: c } : { from: c[0], to: c[1] }));
  const years = found.every((c, k) => c.from === c.to && c.from === found[0]!.from + k);
  if (kind === 'regression' && !years) {
    throw new RecipeError(
      `Recipe '${name}': heads.age.classes: regression expects years one after another, found groups`,
    );
  }
  return found;
}

type Losses = NonNullable<Recipe['heads']['age']>['losses'];

/** The loss that each kind of head is named for. */
const DEFAULT_LOSSES = {
  classification: { crossEntropy: 1 },
  ordinal: { ordinal: 1 },
  regression: { absolute: 1 },
} as const satisfies Record<string, Losses>;

function addAge(
  layers: Layers,
  end: NetworkEnd,
  recipe: Recipe,
  classes: readonly AgeClass[],
  bias: boolean,
  terms: Record<string, LossTerm>,
): void {
  const { g } = layers;
  const { kind, losses: given } = recipe.heads.age!;
  const options = { name: HEADS[0], bias };
  const ages = classAges(classes);
  const target = g.input(AGE_TARGET, 'float32', ['N', classes.length]);
  const range = { low: g.input(AGE_LOW, 'float32', ['N']), high: g.input(AGE_HIGH, 'float32', ['N']) };
  const known = g.input(AGE_KNOWN, 'float32', ['N']);
  const logits = () => classificationHead(layers, end, classes.length, options);
  const head =
    kind === 'classification'
      ? byClasses(g, logits(), target)
      : kind === 'ordinal'
        ? byQuestions(g, ordinalHead(layers, end, boundsOf(classes), middleAge(ages), options), target)
        : byNumber(g, regressionHead(layers, end, middleAge(ages), options), ages);
  const expected = head.expected ?? expectedAge(g, head.probabilities, ages);
  const all: Record<keyof Losses, (() => Value) | undefined> = {
    crossEntropy: head.crossEntropy,
    ordinal: head.ordinal,
    absolute: () => absoluteLoss(g, expected, range),
    huber: () => huberLoss(g, expected, range, 1),
    mean: () => meanLoss(g, expected, range),
    variance: kind === 'regression' ? undefined : () => varianceLoss(g, head.probabilities, ages),
  };
  const wanted: Losses = Object.keys(given).length > 0 ? given : DEFAULT_LOSSES[kind];
  for (const [name, factor] of Object.entries(wanted) as [keyof Losses, number][]) {
    const losses = all[name];
    if (losses === undefined) {
      throw new RecipeError(
        `Recipe '${recipe.name}': heads.age.losses.${name}: not for a head of kind '${kind}'`,
      );
    }
    terms[name] = { losses: g.scope(`${LOSS}_${name}`, losses), weights: known, factor };
  }
  g.output(head.probabilities, AGE);
}

interface AgeHead {
  readonly probabilities: Value;
  readonly expected?: Value;
  readonly crossEntropy?: () => Value;
  readonly ordinal?: () => Value;
}

const byClasses = (g: GraphBuilder, logits: Value, target: Value): AgeHead => ({
  probabilities: g.op('Softmax', [logits], { axis: 1 }),
  crossEntropy: () => crossEntropy(g, logits, target),
});

const byQuestions = (g: GraphBuilder, logits: Value, target: Value): AgeHead => ({
  probabilities: coralDistribution(g, logits),
  ordinal: () => coralLoss(g, logits, target),
});

/** One number as a distribution: between the two years next to it, so that its expectation is the number. */
function byNumber(g: GraphBuilder, age: Value, ages: Float32Array): AgeHead {
  const within = g.op('Clip', [age, g.scalar(ages[0]!), g.scalar(ages.at(-1)!)]);
  const years = g.constant(float32('', [1, ages.length], ages));
  const distance = g.op('Abs', [g.op('Sub', [within, years])]);
  return {
    probabilities: g.op('Relu', [g.op('Sub', [g.scalar(1), distance])]),
    expected: g.op('Squeeze', [age, g.ints([1])]),
  };
}

/** The ages between one class and the next. */
const boundsOf = (classes: readonly AgeClass[]): number[] => classes.slice(0, -1).map(({ to }) => to + 0.5);

const middleAge = (ages: Float32Array): number => (ages[0]! + ages.at(-1)!) / 2;

interface Beginning {
  readonly g: GraphBuilder;
  readonly images: string;
  readonly end: NetworkEnd;
  readonly input: InputSpec;
  readonly parameters: readonly string[];
  /** What of a network comes after its backbone, and is new with the heads. */
  readonly branches: readonly string[];
  readonly headBias: boolean;
  readonly description: string;
}

function startFromName(recipe: Recipe, weights: WeightSource): Beginning {
  const network = networkOf(recipe.network.name!);
  const input = inputSpec(recipe, network.input);
  const g = new GraphBuilder({ name: recipe.name });
  const images = g.input(IMAGES, 'float32', ['N', 3, input.height, input.width]);
  const layers = new Layers(g, weights);
  const end = fitting(recipe, 'input.size', () => network.build(layers, images));
  const scope = network.backbone === undefined ? '' : `${network.backbone}.`;
  const isBackbone = (name: string) => name.startsWith(scope);
  const from = recipe.network.weights ? `from ${recipe.network.weights}` : 'from scratch';
  return {
    g,
    images: images.name,
    end,
    input,
    parameters: layers.trainable.filter(isBackbone),
    branches: layers.trainable.filter((name) => !isBackbone(name)),
    headBias: network.headBias ?? true,
    description: `${network.title}, ${from}`,
  };
}

function startFromFile(recipe: Recipe, { input, ...backbone }: Backbone): Beginning {
  const { model, images, features, parameters } = givingWay(backbone);
  const g = GraphBuilder.from(model);
  const value = g.value(features);
  const flat = value.shape!.length > 2 ? g.op('Flatten', [value]) : value;
  return {
    g,
    images,
    end: flat,
    input: inputSpec(recipe, input),
    parameters,
    branches: [],
    headBias: true,
    description: recipe.network.backbone!,
  };
}

/** What the graphs of training call values of their own, here and in their steps. */
const OWN_NAMES = new Set<string>([
  ...[AGE_TARGET, AGE_LOW, AGE_HIGH, AGE_KNOWN, GENDER_TARGET, GENDER_KNOWN, LOSS, AGE, GENDER],
  ...[LEARNING_RATE, STEP, MICRO_BATCHES, GRADIENT_NORM],
]);
const OWN_SCOPES = [LOSS, ...HEADS].map((scope) => `${scope}.`);
const isOwn = (name: string): boolean =>
  OWN_NAMES.has(name) || OWN_SCOPES.some((scope) => name.startsWith(scope));

/** A backbone with other names for what it calls as we do, `backbone.age`; all other names stay. */
function givingWay({
  model,
  images,
  features,
  parameters,
}: Omit<Backbone, 'input'>): Omit<Backbone, 'input'> {
  const { graph } = model;
  const names = new Names(everyName(graph));
  const own = [...definedNames(graph)].filter(isOwn);
  const others = new Map(own.map((name) => [name, names.claim(`backbone.${name}`)]));
  const now = (name: string) => others.get(name) ?? name;
  // Names of nodes say nothing to anyone, and are taken as those of values are.
  const nodes = graph.nodes.map((node) => (isOwn(node.name) ? { ...node, name: '' } : node));
  return {
    model: rename({ ...model, graph: { ...graph, nodes } }, Object.fromEntries(others)),
    images: now(images),
    features: now(features),
    parameters: parameters.map(now),
  };
}

/** The constants that batch norms in their training form keep their statistics in. */
const statisticsOf = ({ graph }: Model): string[] =>
  graph.nodes
    .filter((n) => n.op === 'BatchNormalization' && intAttribute(n, 'training_mode', 0) === 1)
    .flatMap(({ inputs }) => inputs.slice(3, 5));

type NetworkFacts = Pick<InputSpec, 'width' | 'height' | 'color' | 'mean' | 'scale'>;

/** What a recipe says of the pictures that a network wants; what it leaves out is the network's own. */
export function statedInput({ input }: Recipe): Partial<NetworkFacts> {
  const { size, color, mean, scale } = input;
  const [width, height] = typeof size === 'number' ? [size, size] : (size ?? []);
  return {
    ...(width !== undefined && height !== undefined && { width, height }),
    ...(color && { color }),
    ...(mean && { mean }),
    ...(scale && { scale }),
  };
}

function inputSpec(recipe: Recipe, network: NetworkFacts): InputSpec {
  const { margin, crop, alignment } = recipe.input;
  const { width, height, color, mean, scale } = { ...network, ...statedInput(recipe) };
  return { width, height, color, mean, scale, layout: 'NCHW', margin, crop, alignment };
}
