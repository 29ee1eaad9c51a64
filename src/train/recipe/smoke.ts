/** The form of a recipe that shows in minutes whether it learns. */
import { OPTIMIZER_DEFAULTS } from '../../autodiff/index.js';
import { networkOf, plainInput } from '../../networks/index.js';
import type { Recipe, Stage } from './schema.js';

/** Faces that are learnt by heart. */
const FACES = 64;
const BATCH = 16;
/** So many show that gradients are summed. */
const PARTS = 2;
/** So many show that an ensemble's members are trained one after another and joined. */
const MEMBERS = 2;
/** Enough for the slowest; a stage ends as soon as it has learnt. */
const EPOCHS = 300;
/** An epoch is four updates: to evaluate after each would take longer than to train. */
const EVALUATE_EVERY = 10;

/** The longest side of pictures: work grows with the area. */
const SIDE = 64;

/** The share of its first loss below which a stage has learnt. */
const LEARNT = 0.3;

/** Epochs. */
const WARM_UP = 2;
/** For Adam: of new heads alone; and the least, which VGG bears without batch norm, and the most of everything. */
const HEADS_RATE = 0.01;
const LEAST_RATE = 2e-4;
const MOST_RATE = 1e-3;

/**
 * The same recipe over 64 faces of its data, to be learnt by heart: the same network, weights, crops, heads, losses and
 * stages, so that the same code runs. What keeps a network from learning by heart, or takes long, is changed:
 *
 * - `data.limit` is 64, a batch holds 16 faces, in two parts if the recipe's is cut into parts; an epoch sees every
 *   face once; of an ensemble two members are trained.
 * - Pictures are 64 pixels at most, or as few above that as the network takes. A network that begins with random values
 *   gets them in -1..1: of colours in the hundreds, as some trained weights expect, it would make logits in the hundreds.
 * - Faces look the same each time (`augment` off), ages are one class (`spread` and `smoothing` 0 and no teacher: else the
 *   entropy of a spread target stays in the loss), and weights do not decay. Dropout stays: it is the network's.
 * - A stage trains what it trains, by Adam at a constant rate of some size, however low the recipe's: Adam's updates are
 *   as long whatever the gradient's. It has no patience, and ends once it has learnt.
 * - A network that begins with random values is trained as a whole if the recipe freezes some of it: nothing can be
 *   read off it.
 * - Stages that then train the same as one before them are left out: only their rates differ.
 * - Neither are weights averaged nor distributions kept, since there are too few updates and faces for either.
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

/** A smaller size of a network that is built here; a file's is often fixed. */
function smallSize({ network, input }: Recipe): Pick<Recipe['input'], 'size'> {
  if (network.name === undefined) return {};
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
  const trained = (stage: Stage) => JSON.stringify(stage.train);
  return stages.filter((stage, i) => stages.findIndex((first) => trained(first) === trained(stage)) === i);
}

const startsRandom = ({ network }: Recipe): boolean =>
  network.name !== undefined && network.weights === undefined;

function smokeStage(
  { name, rate, backboneRate, optimizer, clipNorm, ...stage }: Stage,
  random: boolean,
): Stage {
  const train = random ? 'all' : stage.train;
  // What suits SGD says nothing of Adam, and what suits a part nothing of the whole.
  const telling = optimizer.kind !== 'sgd' && train === stage.train;
  const suited = telling ? Math.min(MOST_RATE, Math.max(LEAST_RATE, rate)) : LEAST_RATE;
  return {
    name,
    train,
    epochs: EPOCHS,
    rate: train === 'heads' ? HEADS_RATE : suited,
    layerDecay: 1,
    backboneRate: random ? 1 : Math.min(1, backboneRate),
    // Adam's first updates are long, and would undo what trained weights know.
    warmUp: WARM_UP,
    schedule: { kind: 'constant' },
    optimizer: { kind: 'adam', ...OPTIMIZER_DEFAULTS.adam },
    ...(clipNorm !== undefined && { clipNorm }),
    untilShare: LEARNT,
    fromBest: false,
  };
}
