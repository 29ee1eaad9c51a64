/** The head for age: its kinds, their probabilities of age classes, and the losses that each kind can have. */
import { type AgeClass, CLASS_SETS, classAges } from '../../age/index.js';
import {
  absoluteLoss,
  coralDistribution,
  coralLoss,
  crossEntropy,
  expectedAge,
  huberLoss,
  type LossTerm,
  meanLoss,
  varianceLoss,
} from '../../losses/index.js';
import {
  classificationHead,
  type HeadOptions,
  type Layers,
  type NetworkEnd,
  ordinalHead,
  regressionHead,
} from '../../networks/index.js';
import { float32, type GraphBuilder, type Value } from '../../onnx/index.js';
import { type Recipe, RecipeError } from '../recipe/index.js';
import { AGE, AGE_HEAD, AGE_HIGH, AGE_KNOWN, AGE_LOW, AGE_TARGET, LOSS } from './names.js';
import { namingField } from './naming-field.js';

type Losses = NonNullable<Recipe['heads']['age']>['losses'];

/** The default loss of each kind of head. */
const DEFAULT_LOSSES = {
  classification: { crossEntropy: 1 },
  ordinal: { ordinal: 1 },
  regression: { absolute: 1 },
} as const satisfies Record<string, Losses>;

/**
 * Adds the head and its output.
 * @param options of its layers
 * @returns its losses by name
 * @throws RecipeError if kind, classes, losses and network do not match.
 */
export function addAgeHead(
  layers: Layers,
  end: NetworkEnd,
  recipe: Recipe,
  classes: readonly AgeClass[],
  options: Omit<HeadOptions, 'name'>,
): Record<string, LossTerm> {
  const { g } = layers;
  const { kind, losses: stated } = recipe.heads.age!;
  const ages = classAges(classes);
  const target = g.input(AGE_TARGET, 'float32', ['N', classes.length]);
  const range = { low: g.input(AGE_LOW, 'float32', ['N']), high: g.input(AGE_HIGH, 'float32', ['N']) };
  const known = g.input(AGE_KNOWN, 'float32', ['N']);
  const head = namingField(recipe, 'heads.age.kind', () =>
    HEADS[kind](layers, end, classes, { name: AGE_HEAD, ...options }),
  );
  const expected = head.expected ?? expectedAge(g, head.probabilities, ages);
  const possible: Record<keyof Losses, (() => Value) | undefined> = {
    crossEntropy: head.crossEntropy && (() => head.crossEntropy!(target)),
    ordinal: head.ordinal && (() => head.ordinal!(target)),
    absolute: () => absoluteLoss(g, expected, range),
    huber: () => huberLoss(g, expected, range, 1),
    mean: () => meanLoss(g, expected, range),
    variance: kind === 'regression' ? undefined : () => varianceLoss(g, head.probabilities, ages),
  };
  const factors: Losses = Object.keys(stated).length > 0 ? stated : DEFAULT_LOSSES[kind];
  const terms: Record<string, LossTerm> = {};
  for (const [name, factor] of Object.entries(factors) as [keyof Losses, number][]) {
    const losses = possible[name];
    if (losses === undefined) {
      throw new RecipeError(
        `Recipe '${recipe.name}': heads.age.losses.${name}: not for a head of kind '${kind}'`,
      );
    }
    terms[name] = { losses: g.scope(`${LOSS}_${name}`, losses), weights: known, factor };
  }
  g.output(head.probabilities, AGE);
  return terms;
}

/**
 * The age classes of a recipe that has a head for age.
 * @throws RecipeError if a regression is asked for groups.
 */
export function classesOf({ heads, name }: Recipe): readonly AgeClass[] {
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

/** The outputs of a kind of head, and its specific losses, `[N]`, given class weights `[N, K]`. */
interface Head {
  /** `[N, K]` */
  readonly probabilities: Value;
  /** In years, `[N]`; default: the expectation of the probabilities. */
  readonly expected?: Value;
  readonly crossEntropy?: (target: Value) => Value;
  readonly ordinal?: (target: Value) => Value;
}

const HEADS: Record<
  keyof typeof DEFAULT_LOSSES,
  (layers: Layers, end: NetworkEnd, classes: readonly AgeClass[], options: HeadOptions) => Head
> = {
  classification(layers, end, classes, options) {
    const logits = classificationHead(layers, end, classes.length, options);
    return {
      probabilities: layers.g.op('Softmax', [logits], { axis: 1 }),
      crossEntropy: (target) => crossEntropy(layers.g, logits, target),
    };
  },
  ordinal(layers, end, classes, options) {
    const middle = middleAge(classAges(classes));
    const logits = ordinalHead(layers, end, boundsOf(classes), middle, options);
    return {
      probabilities: coralDistribution(layers.g, logits),
      ordinal: (target) => coralLoss(layers.g, logits, target),
    };
  },
  regression(layers, end, classes, options) {
    const ages = classAges(classes);
    const age = regressionHead(layers, end, middleAge(ages), options);
    return {
      probabilities: betweenYears(layers.g, age, ages),
      expected: layers.g.op('Squeeze', [age, layers.g.ints([1])]),
    };
  },
};

/**
 * One number `[N, 1]` as a distribution over years `[N, K]`: split between its two neighbours, so that the expectation
 * is the number. It has no uncertainty, which `export/` adds.
 */
function betweenYears(g: GraphBuilder, age: Value, ages: Float32Array): Value {
  const within = g.op('Clip', [age, g.scalar(ages[0]!), g.scalar(ages.at(-1)!)]);
  const years = g.constant(float32('', [1, ages.length], ages));
  const distance = g.op('Abs', [g.op('Sub', [within, years])]);
  return g.op('Relu', [g.op('Sub', [g.scalar(1), distance])]);
}

/** The ages between one class and the next. */
const boundsOf = (classes: readonly AgeClass[]): number[] => classes.slice(0, -1).map(({ to }) => to + 0.5);

const middleAge = (ages: Float32Array): number => (ages[0]! + ages.at(-1)!) / 2;
