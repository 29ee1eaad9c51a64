/** The fields of a recipe. Each is described here and nowhere else. */
import * as z from 'zod';
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
    name: z.string().optional().describe('the name of a network from `agewise networks`'),
    weights: z
      .string()
      .optional()
      .describe(
        'initial weights: a path or URL of Keras HDF5, safetensors or ONNX weights; random if left out',
      ),
    backbone: z
      .string()
      .optional()
      .describe(
        'instead of a name, a file to cut a backbone from: ONNX, a TensorFlow.js model.json, `shipped:NAME`, `made:NAME` for one that `npm run models` makes, or `run:FOLDER` for the network of a run; beside the name of a network that can stand on another backbone',
      ),
    features: z
      .string()
      .optional()
      .describe('the value of the backbone that the heads read, `[N, F]`; found automatically if left out'),
    standardize: z
      .boolean()
      .default(false)
      .describe(
        'whether each feature is normalized to mean 0 and standard deviation 1 before the heads, by batch norm without its affine map',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('the expected hash of the weights or backbone file'),
  })
  .refine((n) => n.name !== undefined || n.backbone !== undefined, 'expected a name or a backbone')
  .refine(
    (n) => n.backbone !== undefined || n.features === undefined,
    wholeSentence("'features' needs a backbone"),
  )
  .refine(
    (n) => n.backbone === undefined || n.weights === undefined,
    wholeSentence("'weights' needs a name"),
  );

const side = z.int().min(8).max(4096);
const { color, mean, scale, margin, crop, alignment } = inputSpec.shape;

const inputSchema = z
  .strictObject({
    size: z
      .union([side, z.tuple([side, side])])
      .optional()
      .describe(
        "the network's input size in pixels, one number or width and height; the network's own if left out",
      ),
    color: color.optional().describe("the channel order; the network's own if left out"),
    mean: mean.optional().describe("subtracted from values in 0..255; the network's own if left out"),
    scale: scale.optional().describe("multiplies the result; the network's own if left out"),
    normalize: z
      .enum(['network', 'data'])
      .default('network')
      .describe(
        "whether mean and scale are those above, or the mean and one by the deviation of each channel of the training part's faces, measured when a run begins (`featurewise_center` and `featurewise_std_normalization` of Keras)",
      ),
    margin: margin
      .optional()
      .describe(
        "the share of the face's box that is added on each side; if left out, 0.4 as in DEX, or less if the store's faces were cropped with less or its pictures show less; for pictures that are used whole, as measured",
      ),
    offset: z
      .tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)])
      .optional()
      .describe(
        "how far the crop's centre lies from the box's, right and down, in widths and heights of the box; if left out, 0; for pictures that are used whole, as measured",
      ),
    crop: crop
      .default('square')
      .describe('whether the box is extended to a square of its longer side, or stretched'),
    alignment: alignment
      .default('none')
      .describe(
        'how faces are rotated: until the eyes are level (`--align`), or to the best of several rotations, as in DEX (`--rotations`); the data must be imported in the same way',
      ),
  })
  .refine(({ normalize, mean, scale }) => normalize === 'network' || (mean ?? scale) === undefined, {
    path: ['normalize'],
    ...wholeSentence("'normalize: data' measures mean and scale; neither can be given beside it"),
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
    .describe('DEX over classes; ordinal thresholds (CORAL); a single number, as a baseline'),
  classes: z
    .union([z.enum(['0-100', '1-100', '1-80', 'groups-14', 'groups-8', 'adience']), classList])
    .default('0-100')
    .describe('the age classes, by name or as a list of years and pairs of years'),
  spread: z
    .union([deviation, z.array(z.tuple([z.number().min(0).max(120), deviation])).min(1)])
    .default(0)
    .describe(
      'the standard deviation, in years, of the Gaussian target of an exact age; 0 for a single class; pairs of age and deviation are interpolated',
    ),
  teacher: z
    .strictObject({
      file: z.string().describe('the file of distributions that `scripts/models/teach.ts` writes'),
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe("the teacher's weight in the target of exact ages and gender; the label has the rest"),
    })
    .optional()
    .describe(
      "another network's distributions to learn from, as well as the labels of ages 0 to 100 and gender; an interval gets the teacher's distribution within it",
    ),
  smoothing: smoothing.describe(
    'label smoothing: the share of the target of an exact age that is spread evenly over all classes; not for regression',
  ),
  classWeights: z
    .union([z.literal('balanced'), z.array(z.number().min(0)).min(2)])
    .optional()
    .describe(
      'the weight of each class in the losses: a list of numbers, or `balanced` for the inverse of its number of faces; equal if left out',
    ),
  losses: z
    .strictObject({
      crossEntropy: factor.optional().describe('cross-entropy against the class weights, for classification'),
      ordinal: factor.optional().describe("the sum of the thresholds' cross-entropies, for ordinal heads"),
      absolute: factor.optional().describe('the absolute error of the expected age, in years'),
      huber: factor.optional().describe('the same, squared below 1 year (Huber)'),
      mean: factor.optional().describe('half the squared error of the expected age (mean-variance loss)'),
      variance: factor.optional().describe("the distribution's variance (mean-variance loss)"),
    })
    .default({})
    .refine(
      // The variance of a distribution does not depend on the label.
      ({ variance, ...others }) =>
        (variance === undefined && Object.keys(others).length === 0) ||
        Object.values(others).some((factor = 0) => factor > 0),
      'expected a loss other than variance with a factor above 0',
    )
    .describe("the losses and their factors; if left out, the loss of the head's kind with factor 1"),
});

const genderHeadSchema = z.strictObject({
  smoothing: smoothing.describe('label smoothing: the share of the target that is spread evenly over both'),
  classWeights: z
    .union([z.literal('balanced'), z.tuple([z.number().min(0), z.number().min(0)])])
    .optional()
    .describe('the weights of women and men: two numbers, or `balanced`; equal if left out'),
  factor: z
    .number()
    .gt(0)
    .lt(1e6)
    .default(1)
    .describe('the factor of the cross-entropy of gender in the total loss'),
});

const { sgd, adam, adamw } = OPTIMIZER_DEFAULTS;
const decay = z.number().min(0).lt(1);
const moments = {
  beta1: z.number().min(0).lt(1).default(adam.beta1).describe('decay rate of the mean of gradients'),
  beta2: z.number().min(0).lt(1).default(adam.beta2).describe('decay rate of the mean of squared gradients'),
  epsilon: z.number().gt(0).lt(1).default(adam.epsilon).describe('added to the root of the second moment'),
};

const optimizerSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('sgd').describe('stochastic gradient descent'),
      momentum: z.number().min(0).lt(1).default(sgd.momentum).describe('0 for none'),
      nesterov: z.boolean().default(sgd.nesterov).describe('whether momentum looks ahead (Nesterov)'),
      weightDecay: decay.default(sgd.weightDecay).describe('times the weight, added to the gradient'),
    })
    .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
      path: ['momentum'],
      message: 'expected a number above 0, which nesterov needs',
    }),
  z.strictObject({
    kind: z.literal('adam').describe('Adam'),
    ...moments,
    weightDecay: decay.default(adam.weightDecay).describe('times the weight, added to the gradient'),
  }),
  z.strictObject({
    kind: z.literal('adamw').describe('Adam with decoupled weight decay'),
    ...moments,
    weightDecay: decay
      .default(adamw.weightDecay)
      .describe('times the rate and the weight, subtracted from the weight'),
  }),
]);

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant').describe('the rate does not change') }),
  z.strictObject({
    kind: z
      .literal('cosine')
      .describe('falls along half a cosine over the stage (Loshchilov and Hutter, ICLR 2017)'),
    end: z.number().min(0).max(1).default(0).describe('the final rate, as a share of the rate'),
  }),
  z.strictObject({
    kind: z.literal('steps').describe('multiplied by a factor at points of the stage'),
    at: z.array(z.number().gt(0).lt(1)).min(1).describe("when, as shares of the stage's epochs"),
    factor: z.number().gt(0).lt(1).describe('the factor of the rate at each'),
  }),
  z.strictObject({
    kind: z
      .literal('inverse')
      .describe('divided by 1 + decay · n after n updates of the stage (the `decay` of optimizers in Keras)'),
    decay: z.number().gt(0).lt(1).describe('the growth of the divisor per update'),
  }),
]);

const stageSchema = z.strictObject({
  name: scope.describe('the name of the stage in the history'),
  train: z
    .union([
      z.enum(['all', 'heads']),
      z.strictObject({
        from: scope.describe("the start of the first layer's parameter names, such as `layer4`"),
      }),
    ])
    .default('all')
    .describe(
      'what is trained: everything; only the heads; or all layers from the one with this name onwards',
    ),
  branches: z
    .array(scope)
    .min(1)
    .optional()
    .describe(
      'in a network of several branches, those whose distribution is trained and evaluated in this stage; if left out, all by their shares',
    ),
  epochs: z.int().min(1).max(100_000).describe('the maximum number of epochs'),
  rate: rate.describe('the highest learning rate'),
  backboneRate: z
    .number()
    .gt(0)
    .max(1000)
    .default(1)
    .describe('the factor of the rate for all layers except the heads'),
  layerDecay: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'the rate is multiplied by this once per layer from the heads down to the input; a layer is a tensor of weights with two axes or more, and the biases and norms after it',
    ),
  warmUp: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe('epochs, or a fraction of one, over which the rate rises from 0'),
  schedule: scheduleSchema.default({ kind: 'constant' }).describe('how the rate changes after the warm-up'),
  optimizer: optimizerSchema.describe('the optimizer; its moments are reset for each stage'),
  clipNorm: z
    .number()
    .gt(0)
    .optional()
    .describe('the maximum norm of the gradient over all weights; not clipped if left out'),
  patience: z
    .int()
    .min(1)
    .optional()
    .describe('the stage ends after this many epochs without improvement; never if left out'),
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
    .describe('whether the stage starts from the best weights so far instead of the last'),
});

/** The validation figures that can select the best weights, and whether lower is better. */
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

/** The parts named explicitly by a recipe. */
const statedParts = (train: string | readonly string[] | { readonly except: unknown }): readonly string[] =>
  typeof train === 'string' ? [train] : 'except' in train ? [] : train;

const boxesSchema = z
  .strictObject({
    scale: z
      .tuple([z.number().gt(0.1).lt(10), z.number().gt(0.1).lt(10)])
      .describe("the size of the detector's box, in widths and heights of the data set's"),
    offset: z
      .tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)])
      .default([0, 0])
      .describe('how far its centre lies right and down, in widths and heights'),
  })
  .describe(
    "where the detector's box of a face lies in the box that came with the data set; if left out, as measured",
  );

const storeSchema = z.strictObject({
  id: scope.describe(
    'the data set, by its name in `agewise data`; `--data` gives the folder of a store of it',
  ),
  store: z.string().optional().describe('the folder; can be given by `--data`'),
  weight: z
    .number()
    .gt(0)
    .lt(1000)
    .default(1)
    .describe('how often each of its faces is drawn relative to other stores'),
  margin: z
    .number()
    .min(-0.4)
    .max(4)
    .optional()
    .describe(
      "for a store of pre-cropped faces: the margin around the face in its pictures, as a share of the face's box; the pictures are used whole",
    ),
  boxes: boxesSchema.optional(),
  augment: augmentSchema
    .optional()
    .describe("random augmentation of its pictures, instead of the recipe's `augment`"),
});

export const recipeSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/)
      .describe('lower case, digits and hyphens'),
    title: z.string().describe('one line on what the recipe trains'),
    source: z.string().describe('where the method is described'),
    reports: z.string().describe('the results that the source reports, and on which data'),
    network: networkSchema.describe('the network that produces the features'),
    input: inputSchema.describe('how a face becomes the input of the network'),
    heads: z
      .strictObject({
        age: ageHeadSchema.optional().describe('the head for age'),
        gender: genderHeadSchema.optional().describe('the head for gender'),
      })
      .refine((heads) => heads.age !== undefined || heads.gender !== undefined, 'expected one head or two')
      .describe("the network's outputs"),
    data: z
      .strictObject({
        store: z
          .string()
          .optional()
          .describe('a folder made by `agewise data import`; can be given by `--data`'),
        boxes: boxesSchema.optional(),
        stores: z.array(storeSchema).min(1).optional().describe('several stores to mix, instead of one'),
        split: splitMethodSchema
          .default({ name: 'shares', shares: { train: 0.8, validation: 0.1, test: 0.1 }, stratify: true })
          .describe('how the data is split, if the store has no split of that name yet'),
        splitSeed: z.int().min(0).default(0).describe('the seed of a new split'),
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
        validation: scope.default('validation').describe('the part used to choose the best weights'),
        limit: z
          .int()
          .min(1)
          .optional()
          .describe('the number of rows used of each part, chosen by the seed; all if left out'),
      })
      .refine(({ stores, boxes }) => stores === undefined || boxes === undefined, {
        path: ['boxes'],
        ...wholeSentence("'boxes' of several stores is a field of each of them"),
      })
      .refine(({ train, validation }) => !statedParts(train).includes(validation), {
        path: ['validation'],
        ...wholeSentence('expected another part than those of data.train'),
      })
      .prefault({})
      .describe('the training data'),
    seed: z.int().min(0).default(0).describe('the seed of all random choices'),
    batch: z.int().min(1).max(4096).describe('faces per update'),
    microBatches: z
      .int()
      .min(1)
      .max(1024)
      .default(1)
      .describe('the number of parts a batch is divided into to save memory, processed one after another'),
    sampling: z
      .enum([...SAMPLINGS, 'classes'])
      .default('shuffled')
      .describe(
        'the order of faces: shuffled; as stored; drawn so that age bands are equally frequent (balanced), by the inverse of a smoothed age density (smoothed), or so that the classes of the first head are equally frequent (classes)',
      ),
    augment: z
      .union([z.literal(false), augmentSchema])
      .default(false)
      .describe('random augmentation of pictures; `{}` turns on all of it, mildly'),
    epochSteps: z
      .int()
      .min(1)
      .optional()
      .describe('updates per epoch; if left out, enough to see every face once'),
    keepFrozen: z
      .boolean()
      .default(false)
      .describe(
        "whether the outputs of a frozen part of the network are computed once per face and kept in the run's folder until the run is done, instead of computed in each epoch; 8×8 maps of 1,024 channels take 262 kB a face; for pictures that are not augmented",
      ),
    average: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('the decay of a moving average of the weights, which is then evaluated and exported'),
    evaluateEvery: z.int().min(1).default(1).describe('epochs between evaluations'),
    monitor: z
      .enum(Object.keys(MONITORS) as [keyof typeof MONITORS])
      .default('mae')
      .describe('the validation metric that chooses the best weights'),
    separation: z
      .array(z.int().min(1))
      .default([])
      .describe('epochs after which the predicted distributions by true age are kept for the report'),
    checkpointMinutes: z
      .number()
      .gt(0)
      .max(1440)
      .default(5)
      .describe('minutes between checkpoints, the most that a crash can cost'),
    members: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('the number of networks in the ensemble, which differ by their seeds'),
    stages: z
      .array(stageSchema)
      .min(1)
      .refine(
        (stages) => new Set(stages.map(({ name }) => name)).size === stages.length,
        wholeSentence('two stages have the same name'),
      )
      .describe('the training stages, in order'),
  })
  .refine(
    ({ keepFrozen, augment, data }) =>
      !keepFrozen || (augment === false && !data.stores?.some((store) => store.augment)),
    {
      path: ['keepFrozen'],
      ...wholeSentence(
        "'keepFrozen' is for pictures that look the same in each epoch; it cannot be used with 'augment'",
      ),
    },
  );

/** A recipe as written: omitted fields have defaults. */
export type RecipeDocument = z.input<typeof recipeSchema>;
/** A recipe as used: all values are present. */
export type Recipe = z.output<typeof recipeSchema>;
export type Stage = Recipe['stages'][number];
export type Monitor = Recipe['monitor'];
