/** What a recipe may say. Every field is described here, and nowhere else. */
import { z } from 'zod';
import { classesProblem } from '../../age/index.js';
import { OPTIMIZER_DEFAULTS } from '../../autodiff/index.js';
import { augmentSchema, SAMPLINGS, splitMethodSchema } from '../../data/index.js';
import { inputSchema as inputSpec } from '../../metadata/index.js';
import { wholeSentence } from './whole-sentence.js';

/** The margin of DEX (Rothe, Timofte, Van Gool, IJCV 2018). */
export const DEX_MARGIN = 0.4;

const factor = z.number().min(0).lt(1e6);
const rate = z.number().gt(0).lt(1e3);
const scope = z.string().min(1);

const networkSchema = z
  .strictObject({
    name: z.string().optional().describe('a network by its name, as `agewise networks` lists them'),
    weights: z
      .string()
      .optional()
      .describe(
        'what the network begins with: a path or an address of Keras HDF5, safetensors or ONNX weights; random values without',
      ),
    backbone: z
      .string()
      .optional()
      .describe(
        'in the place of a name a file to cut a backbone from: ONNX, a TensorFlow.js model.json, `shipped:NAME`, or `made:NAME` of those that `npm run models` makes',
      ),
    features: z
      .string()
      .optional()
      .describe('the value of the backbone that heads read, `[N, F]`; found if left out'),
    standardize: z
      .boolean()
      .default(false)
      .describe(
        'whether each feature is brought to mean 0 and deviation 1 before heads read it, by batch norm without its affine map',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('the hash that the file of weights or of the backbone must have'),
  })
  .refine(
    (n) => (n.name === undefined) !== (n.backbone === undefined),
    'expected either a name or a backbone',
  )
  .refine(
    (n) => n.name === undefined || n.features === undefined,
    wholeSentence("'features' goes with a backbone"),
  )
  .refine(
    (n) => n.backbone === undefined || n.weights === undefined,
    wholeSentence("'weights' goes with a name"),
  );

const side = z.int().min(8).max(4096);
const { color, mean, scale, margin, crop, alignment } = inputSpec.shape;

const inputSchema = z
  .strictObject({
    size: z
      .union([side, z.tuple([side, side])])
      .optional()
      .describe(
        "the network's input in pixels, one number or width and height; the network's own if left out",
      ),
    color: color.optional().describe("the order of channels; the network's own if left out"),
    mean: mean.optional().describe("subtracted from values in 0..255; the network's own if left out"),
    scale: scale.optional().describe("what that is multiplied by; the network's own if left out"),
    margin: margin
      .optional()
      .describe(
        "the share of the face's box that is added on each side; if left out 0.4, as in DEX, or as much as the store's pictures have, or what was measured of pictures that are used whole",
      ),
    offset: z
      .tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)])
      .optional()
      .describe(
        "how far the crop's centre lies from the box's, right and down, in widths and heights of the box; if left out what was measured of pictures that are used whole, else there",
      ),
    crop: crop
      .default('square')
      .describe("whether the box's longer side becomes a square, or the box is stretched"),
    alignment: alignment
      .default('none')
      .describe(
        'whether faces are turned until the eyes are level, which the import of the data must have done too',
      ),
  })
  .prefault({});

const ageClass = z.union([z.int(), z.tuple([z.int(), z.int()])]);

const classList = z
  .array(ageClass)
  .min(2)
  .check(({ value, issues }) => {
    const problem = classesProblem(
      value.map((c) => (typeof c === 'number' ? { from: c, to: c } : { from: c[0], to: c[1] })),
    );
    if (problem === undefined) return;
    const { error: message, params } = wholeSentence(problem);
    issues.push({ code: 'custom', message, params, input: value });
  });

/** The ε of label smoothing. */
const smoothing = z.number().min(0).lt(1).default(0);

/** In years. */
const deviation = z.number().min(0).max(20);

const ageHeadSchema = z.strictObject({
  kind: z
    .enum(['classification', 'ordinal', 'regression'])
    .default('classification')
    .describe('DEX over classes; ordinal questions (CORAL); one number, as a baseline'),
  classes: z
    .union([z.enum(['0-100', '1-100', '1-80', 'groups-14', 'groups-8', 'adience']), classList])
    .default('0-100')
    .describe('the age classes, by a name or as a list of years and pairs of years'),
  spread: z
    .union([deviation, z.array(z.tuple([z.number().min(0).max(120), deviation])).min(1)])
    .default(0)
    .describe(
      'the standard deviation, in years, of the Gaussian that an exact age becomes; 0 leaves one class; pairs of age and deviation are interpolated',
    ),
  teacher: z
    .strictObject({
      file: z.string().describe('the file of distributions that `scripts/models/teach.ts` writes'),
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe(
          'the part that the teacher has in the target of an exact age and of gender; the label has the rest',
        ),
    })
    .optional()
    .describe(
      "another network's distributions, which are learnt beside labels of ages from 0 to 100 and of gender; an interval has the teacher's distribution inside it",
    ),
  smoothing: smoothing.describe(
    'label smoothing: the share of the target of an exact age that is spread evenly over all classes; not for regression',
  ),
  classWeights: z
    .union([z.literal('balanced'), z.array(z.number().min(0)).min(2)])
    .optional()
    .describe(
      'how much faces of each class count in the losses: a number for each, or `balanced`, by the inverse of how many faces it has; all the same if left out',
    ),
  losses: z
    .strictObject({
      crossEntropy: factor.optional().describe('cross-entropy against the class weights, for classification'),
      ordinal: factor.optional().describe("the sum of the questions' cross-entropies, for ordinal heads"),
      absolute: factor.optional().describe('the absolute error of the expected age, in years'),
      huber: factor.optional().describe('the same, squared below 1 year (Huber)'),
      mean: factor.optional().describe('half the squared error of the expected age (mean-variance loss)'),
      variance: factor.optional().describe("the distribution's variance (mean-variance loss)"),
    })
    .default({})
    .refine(
      (losses) => Object.keys(losses).length === 0 || Object.values(losses).some((factor = 0) => factor > 0),
      'expected a loss with a factor above 0',
    )
    .describe('the losses by their factors; if left out what the kind of head is named for, with factor 1'),
});

const genderHeadSchema = z.strictObject({
  smoothing: smoothing.describe('the share of the target that is spread evenly over both'),
  classWeights: z
    .union([z.literal('balanced'), z.tuple([z.number().min(0), z.number().min(0)])])
    .optional()
    .describe('how much women and men count: two numbers, or `balanced`; the same if left out'),
  factor: z.number().gt(0).lt(1e6).default(1).describe('of the cross-entropy of gender in the sum of losses'),
});

const { sgd, adam, adamw } = OPTIMIZER_DEFAULTS;
const decay = z.number().min(0).lt(1);
const moments = {
  beta1: z.number().min(0).lt(1).default(adam.beta1).describe('decay of the mean of gradients'),
  beta2: z.number().min(0).lt(1).default(adam.beta2).describe('decay of the mean of squared gradients'),
  epsilon: z.number().gt(0).lt(1).default(adam.epsilon).describe('added to the root of the second moment'),
};

const optimizerSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('sgd').describe('stochastic gradient descent'),
      momentum: z.number().min(0).lt(1).default(sgd.momentum).describe('0 for none'),
      nesterov: z.boolean().default(sgd.nesterov).describe('whether momentum looks ahead (Nesterov)'),
      weightDecay: decay.default(sgd.weightDecay).describe('added to the gradient, times the weight'),
    })
    .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
      path: ['momentum'],
      message: 'expected a number above 0, which nesterov needs',
    }),
  z.strictObject({
    kind: z.literal('adam').describe('Adam'),
    ...moments,
    weightDecay: decay.default(adam.weightDecay).describe('added to the gradient, times the weight'),
  }),
  z.strictObject({
    kind: z.literal('adamw').describe('Adam with decay apart from the gradient'),
    ...moments,
    weightDecay: decay.default(adamw.weightDecay).describe('taken off the weight, times the rate'),
  }),
]);

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant').describe('the rate as it is') }),
  z.strictObject({
    kind: z
      .literal('cosine')
      .describe('half a cosine down over the stage (Loshchilov and Hutter, ICLR 2017)'),
    end: z.number().min(0).max(1).default(0).describe('the share of the rate that it ends with'),
  }),
  z.strictObject({
    kind: z.literal('steps').describe('multiplied by a factor at points of the stage'),
    at: z.array(z.number().gt(0).lt(1)).min(1).describe("shares of the stage's epochs"),
    factor: z.number().gt(0).lt(1).describe('what the rate is multiplied by at each'),
  }),
]);

const stageSchema = z.strictObject({
  name: scope.describe('what the stage is called in the history'),
  train: z
    .union([
      z.enum(['all', 'heads']),
      z.strictObject({
        from: scope.describe("what the name of the first layer's parameters begins with, such as `layer4`"),
      }),
    ])
    .default('all')
    .describe('what is trained: everything; the heads alone; or all from the layer on whose name begins so'),
  epochs: z.int().min(1).max(100_000).describe('how many epochs at most'),
  rate: rate.describe('the learning rate at its highest'),
  backboneRate: z
    .number()
    .gt(0)
    .max(1000)
    .default(1)
    .describe("the factor on the rate of whatever is not a head's"),
  layerDecay: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'what the rate is multiplied by once more with each layer from the heads to the input; a layer is a tensor of weights with two axes or more, and the biases and norms after it',
    ),
  warmUp: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe('epochs, or a part of one, over which the rate rises from 0'),
  schedule: scheduleSchema.default({ kind: 'constant' }).describe('how the rate changes after that'),
  optimizer: optimizerSchema.describe('how weights follow gradients; its moments begin anew with a stage'),
  clipNorm: z
    .number()
    .gt(0)
    .optional()
    .describe('the longest gradient of all weights together; not clipped if left out'),
  patience: z
    .int()
    .min(1)
    .optional()
    .describe('the stage ends after so many epochs without a better figure; never if left out'),
  untilShare: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      "the stage ends once an epoch's mean loss is below this share of the stage's first; never if left out",
    ),
  fromBest: z
    .boolean()
    .default(false)
    .describe('whether the stage begins with the best weights so far and not with the last'),
});

/** What figure of the validation part decides which weights are the best, and whether less of it is better. */
export const MONITORS = {
  mae: 'least',
  exactMae: 'least',
  loss: 'least',
  accuracy: 'most',
  gender: 'most',
} as const;

const partsSchema = z
  .array(scope)
  .min(1)
  .refine((parts) => new Set(parts).size === parts.length, wholeSentence('one part is named twice'));

/** The parts that a recipe says outright. */
const statedParts = (train: string | readonly string[] | { readonly except: unknown }): readonly string[] =>
  typeof train === 'string' ? [train] : 'except' in train ? [] : train;

const storeSchema = z.strictObject({
  id: scope.describe(
    'the data set, as `agewise data` names it: the folder given by `--data` holds a store of it',
  ),
  store: z.string().optional().describe('the folder; `--data` gives it too'),
  weight: z
    .number()
    .gt(0)
    .lt(1000)
    .default(1)
    .describe('how often each of its faces is drawn, beside those of other stores; 1 each is as they are'),
  margin: z
    .number()
    .min(-0.4)
    .max(4)
    .optional()
    .describe(
      "of a store of faces that others cut out: the share of a face's box that lies around it in its pictures, which are used whole",
    ),
  augment: augmentSchema
    .optional()
    .describe("what is done to its pictures at random, in the place of the recipe's `augment`"),
});

export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .describe('lower case, digits and hyphens'),
  title: z.string().describe('what the recipe trains, in a line'),
  source: z.string().describe('where its method is described'),
  reports: z.string().describe('what its source reports, and on which data'),
  network: networkSchema.describe('the network that features come from'),
  input: inputSchema.describe('how a face becomes the input of the network'),
  heads: z
    .strictObject({
      age: ageHeadSchema.optional().describe('the head for age'),
      gender: genderHeadSchema.optional().describe('the head for gender'),
    })
    .refine((heads) => heads.age !== undefined || heads.gender !== undefined, 'expected a head or two')
    .describe('what the network tells'),
  data: z
    .strictObject({
      store: z
        .string()
        .optional()
        .describe('the folder that `agewise data import` made; `--data` gives it too'),
      stores: z
        .array(storeSchema)
        .min(1)
        .optional()
        .describe('in the place of one store several, whose faces are mixed'),
      split: splitMethodSchema
        .default({ name: 'shares', shares: { train: 0.8, validation: 0.1, test: 0.1 }, stratify: true })
        .describe('how it is divided, where the store has no split of that name yet'),
      splitSeed: z.int().min(0).default(0).describe('the seed of a split that is made'),
      train: z
        .union([
          scope,
          partsSchema,
          z.strictObject({
            except: z
              .union([scope, partsSchema])
              .describe('the part or parts that are left out, beside the one that chooses among weights'),
          }),
        ])
        .default('train')
        .describe('the part to train on; several, as of cross-validation; or all but some'),
      validation: scope.default('validation').describe('the part that chooses among weights'),
      limit: z
        .int()
        .min(1)
        .optional()
        .describe('how many rows of each part are used, chosen by the seed; all if left out'),
    })
    .refine(({ train, validation }) => !statedParts(train).includes(validation), {
      path: ['validation'],
      error: 'expected another part than the one that is learnt from',
    })
    .prefault({})
    .describe('what is learnt from'),
  seed: z.int().min(0).default(0).describe('what all random choices follow from'),
  batch: z.int().min(1).max(4096).describe('faces whose gradients an update is made of'),
  microBatches: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .describe('into how many parts a batch is cut, one after another, to save memory'),
  sampling: z
    .enum([...SAMPLINGS, 'classes'])
    .default('shuffled')
    .describe(
      'the order of faces: shuffled; stored; drawn so that age bands are seen equally often (balanced), by the inverse of a smoothed density (smoothed), or so that the classes of the first head are (classes)',
    ),
  augment: z
    .union([z.literal(false), augmentSchema])
    .default(false)
    .describe('what is done to pictures at random; `{}` is all of it, mildly'),
  epochSteps: z
    .int()
    .min(1)
    .optional()
    .describe('updates in an epoch; as many as see every face once if left out'),
  average: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe('the decay of a moving average of the weights, which is then what is evaluated and exported'),
  evaluateEvery: z.int().min(1).default(1).describe('epochs from one evaluation to the next'),
  monitor: z
    .enum(Object.keys(MONITORS) as [keyof typeof MONITORS])
    .default('mae')
    .describe('the figure of the validation part by which the best weights are chosen'),
  separation: z
    .array(z.int().min(1))
    .default([])
    .describe('epochs after which the predicted distributions of each age are kept for the report'),
  checkpointMinutes: z.number().gt(0).max(1440).default(5).describe('the longest time that a crash can cost'),
  members: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('networks in the ensemble, which differ by their seeds'),
  stages: z
    .array(stageSchema)
    .min(1)
    .refine(
      (stages) => new Set(stages.map(({ name }) => name)).size === stages.length,
      wholeSentence('two stages have one name'),
    )
    .describe('what is done one after another'),
});

/** A recipe as it is written: what is left out has its default. */
export type RecipeDocument = z.input<typeof recipeSchema>;
/** A recipe as it is used: every value is there. */
export type Recipe = z.output<typeof recipeSchema>;
export type Stage = Recipe['stages'][number];
export type Monitor = Recipe['monitor'];
