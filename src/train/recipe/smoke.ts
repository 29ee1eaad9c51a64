/** The form of a recipe that shows in minutes whether it learns. */
import { OPTIMIZER_DEFAULTS } from '../../autodiff/index.js';
import { networkOf, plainInput } from '../../networks/index.js';
import type { Recipe, Stage } from './schema.js';

/** The number of faces to memorize. */
const FACES = 64;
const BATCH = 16;
/** Enough micro-batches to exercise gradient accumulation. */
const PARTS = 2;
/** Enough members to exercise training them in turn and joining them. */
const MEMBERS = 2;
/** Enough for the slowest recipe; a stage ends as soon as it has learnt. */
const EPOCHS = 300;
/** An epoch is four updates: evaluating after each would take longer than training. */
const EVALUATE_EVERY = 10;

/** The maximum side of pictures, since work grows with the area. */
const SIDE = 64;

/** A stage has learnt when its loss falls below this share of the first one. */
const LEARNT = 0.3;

/** Epochs. */
const WARM_UP = 2;
/**
 * Adam's rates: for new heads only; and the lowest, which VGG without batch norm tolerates, and the highest for whole
 * networks.
 */
const HEADS_RATE = 0.01;
const LEAST_RATE = 2e-4;
const MOST_RATE = 1e-3;

/**
 * The smoke form of a recipe: the same recipe on 64 faces of its data, to be memorized, with the same network, weights,
 * crops, heads, losses and stages, so that the same code runs. Settings that prevent memorizing or take long are
 * changed:
 *
 * - `data.limit` is 64, a batch holds 16 faces, in two parts if the recipe's is cut into parts; an epoch sees every face once; two members of an ensemble are trained.
 * - Pictures are 64 pixels at most, or as few above that as the network accepts. A randomly initialized network gets them in -1..1: colours in the hundreds, as some trained weights expect, would give logits in the hundreds.
 * - Faces are not augmented (`augment` off), ages are one class (`spread` and `smoothing` 0 and no teacher: else the
 *   entropy of a spread target stays in the loss), and weights do not decay. Dropout stays: it is the network's.
 * - A stage trains the same parameters, with Adam at a high enough constant rate, since the size of Adam's updates does not depend on the gradient's. It has no patience, and ends once it has learnt.
 * - A randomly initialized network is trained as a whole even if the recipe freezes some of it, since random features are useless.
 * - Stages that then train the same as an earlier one are left out: only their rates differ.
 * - Weight averages and separation records are off, since there are too few updates and faces.
 */
export function smokeForm(recipe: Recipe): Recipe {
  const { heads, data, input, microBatches, members } = recipe;
  const { epochSteps: _, average: __, ...rest } = recipe;
  return {
    ...rest,
    input: { ...input, ...(startsRandom(recipe) && randomInput()), ...smallSize(recipe) },
    heads: {
      ...(heads.age && { age: { ...withoutTeacher(heads.age), spread: 0, smoothing: 0 } }),
      ...(heads.gender && { gender: { ...heads.gender, smoothing: 0 } }),
    },
    data: { ...data, limit: FACES },
    batch: BATCH,
    microBatches: Math.min(microBatches, PARTS),
    augment: false,
    evaluateEvery: EVALUATE_EVERY,
    separation: [],
    members: Math.min(members, MEMBERS),
    stages: withoutRepeats(recipe.stages.map((stage) => smokeStage(stage, startsRandom(recipe)))),
  };
}

function withoutTeacher({ teacher: _, ...age }: NonNullable<Recipe['heads']['age']>) {
  return age;
}

/** A smaller input for a network built here; a file's size is often fixed. */
function smallSize({ network, input }: Recipe): Pick<Recipe['input'], 'size'> {
  if (network.name === undefined || network.backbone !== undefined) return {};
  const { input: own, smallest = 1 } = networkOf(network.name);
  const size = input.size ?? [own.width, own.height];
  const sides = typeof size === 'number' ? [size, size] : size;
  const share = Math.max(SIDE / Math.max(...sides), smallest / Math.min(...sides));
  const [width, height] = sides.map((side) => Math.round(share * side)) as [number, number];
  return share < 1 ? { size: [width, height] } : {};
}

function randomInput(): Pick<Recipe['input'], 'mean' | 'scale'> {
  const { mean, scale } = plainInput(SIDE);
  return { mean: [...mean], scale: [...scale] };
}

function withoutRepeats(stages: readonly Stage[]): Stage[] {
  const trained = (stage: Stage) => JSON.stringify([stage.train, stage.branches]);
  return stages.filter((stage, i) => stages.findIndex((first) => trained(first) === trained(stage)) === i);
}

const startsRandom = ({ network }: Recipe): boolean =>
  network.name !== undefined && network.backbone === undefined && network.weights === undefined;

function smokeStage(
  { name, rate, backboneRate, optimizer, clipNorm, branches, ...stage }: Stage,
  random: boolean,
): Stage {
  const train = random ? 'all' : stage.train;
  // Rates for SGD do not apply to Adam, nor rates for a part to the whole.
  const applies = optimizer.kind !== 'sgd' && train === stage.train;
  const suited = applies ? Math.min(MOST_RATE, Math.max(LEAST_RATE, rate)) : LEAST_RATE;
  return {
    name,
    train,
    ...(branches && { branches }),
    epochs: EPOCHS,
    rate: train === 'heads' ? HEADS_RATE : suited,
    layerDecay: 1,
    backboneRate: random ? 1 : Math.min(1, backboneRate),
    // Adam's first updates are large and would destroy trained weights.
    warmUp: WARM_UP,
    schedule: { kind: 'constant' },
    optimizer: { kind: 'adam', ...OPTIMIZER_DEFAULTS.adam },
    ...(clipNorm !== undefined && { clipNorm }),
    untilShare: LEARNT,
    fromBest: false,
  };
}
