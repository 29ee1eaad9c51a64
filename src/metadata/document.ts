/**
 * A model's metadata: one JSON document in the metadata property `agewise` of an `.onnx` file. Training, evaluation,
 * Node and the browser all read it, so that crops are the same everywhere.
 */
import * as z from 'zod';
import { type AgeClass, classesProblem, GENDERS, INTERVAL_COVERAGE, OLDEST } from '../age/index.js';
import { type Model, withMetadata } from '../onnx/index.js';
import { MetadataError } from './error.js';
import { inputSchema, type NetworkInput, networkInputSchema } from './input.js';

/** The metadata property that holds the document. */
export const METADATA_KEY = 'agewise';

/** The metadata property of a backbone, which has no face outputs: only its expected input. */
export const NETWORK_INPUT_KEY = 'agewise.input';

/** The format version written. Version 1, which has no calibration, can still be read. */
export const FORMAT_VERSION = 2;

/** Classes have a short form: a number is one year, a pair a range. */
const ageClass = z
  .union([z.int(), z.tuple([z.int(), z.int()])])
  .transform((c): AgeClass => (typeof c === 'number' ? { from: c, to: c } : { from: c[0], to: c[1] }));

const ageClasses = z.array(ageClass).check((context) => {
  const problem = classesProblem(context.value);
  if (problem !== undefined) context.issues.push({ code: 'custom', message: problem, input: context.value });
});

const outputSchema = z.strictObject({
  /** The name of the graph's output. */
  name: z.string(),
  /** Whether the output holds probabilities or logits, which need a softmax. */
  activation: z.enum(['probabilities', 'logits']),
});

/** Faces of one store: fingerprint, split and part, SHA-256 of the row numbers as 32-bit integers, count. */
const calibrationOriginSchema = z.strictObject({
  title: z.string(),
  fingerprint: z.string(),
  split: z.string().nullable(),
  part: z.string().nullable(),
  rows: z.string(),
  faces: z.int().positive(),
});

export type CalibrationOrigin = z.output<typeof calibrationOriginSchema>;

/** Faces of one store or of several; models calibrated on one store used to record it without a list. */
export const calibrationOriginsSchema = z
  .union([calibrationOriginSchema, z.array(calibrationOriginSchema).min(1).readonly()])
  .transform((origins): readonly CalibrationOrigin[] => ('title' in origins ? [origins] : origins));

/**
 * The part of a store that a model learned from, with the SHA-256 of its row numbers as 32-bit integers; null where a run
 * of before they were recorded has made the model.
 */
const trainingOriginSchema = z.strictObject({
  title: z.string(),
  fingerprint: z.string(),
  split: z.string(),
  part: z.string(),
  rows: z.string().nullable(),
  /** The data set, and the method and seed of its split, by which the pictures are known again in another store of it. */
  set: z.string().optional(),
  method: z.looseObject({ name: z.string() }).optional(),
  seed: z.int().min(0).optional(),
});

export type TrainingOrigin = z.output<typeof trainingOriginSchema>;

export const trainingOriginsSchema = z.array(trainingOriginSchema).readonly();

/** Calibration fitted on labelled faces; `decodeOutputs` applies it. */
const calibrationSchema = z.strictObject({
  /** See `Sharpness`, `BiasCorrection` and `ConformalInterval` of age/. */
  temperature: z.number().positive(),
  spread: z.number().min(0).max(OLDEST),
  logWeights: z
    .array(z.number())
    .length(OLDEST + 1)
    .readonly()
    .nullable()
    .default(null),
  bias: z
    .strictObject({
      knots: z.array(z.number()).min(1).readonly(),
      ages: z.array(z.number()).min(1).readonly(),
    })
    .refine(
      ({ knots, ages }) =>
        knots.length === ages.length && knots.every((knot, k) => k === 0 || knot > knots[k - 1]!),
      'expected as many ages as knots, and knots in ascending order',
    )
    .nullable(),
  /** The threshold of P(female), before it is shifted to ½. */
  femaleFrom: z.number().gt(0).lt(1).nullable(),
  interval: z.strictObject({ coverage: z.literal(INTERVAL_COVERAGE), widening: z.number() }).nullable(),
  fittedOn: calibrationOriginsSchema,
});

export type Calibration = z.output<typeof calibrationSchema>;

const fields = z.strictObject({
  formatVersion: z.union([z.literal(1), z.literal(FORMAT_VERSION)]),
  name: z.string(),
  input: inputSchema,
  /** Null for a network that predicts only gender. `members` are the outputs of the networks that it averages, in their order. */
  age: outputSchema
    .extend({ classes: ageClasses, members: z.array(z.string()).min(2).readonly().optional() })
    .nullable(),
  /** Null for a network without a gender output. A single number is the probability of the second label. */
  gender: outputSchema
    .extend({
      labels: z
        .tuple([z.enum(GENDERS), z.enum(GENDERS)])
        .readonly()
        .refine(([first, second]) => first !== second, 'expected both genders'),
    })
    .nullable(),
  provenance: z.strictObject({
    backbone: z.string(),
    data: z.string(),
    recipe: z.string(),
    licence: z.string(),
    source: z.string(),
  }),
  /** Measured figures, by the name of the data they were measured on. */
  metrics: z.record(z.string(), z.record(z.string(), z.number())),
  calibration: calibrationSchema.optional(),
  /** What the weights learned from; absent where that is not known. */
  trainedOn: trainingOriginsSchema.optional(),
});

export const metadataSchema = fields
  .refine(({ formatVersion, calibration }) => formatVersion > 1 || calibration === undefined, {
    path: ['calibration'],
    message: 'expected none in version 1',
  })
  .refine(({ age, gender }) => age !== null || gender !== null, {
    path: ['age'],
    message: 'expected an output for age or for gender, found neither',
  });

export type ModelMetadata = z.output<typeof metadataSchema>;
/** The document in its written form, with short classes. */
export type ModelMetadataDocument = z.input<typeof metadataSchema>;

/**
 * Validates a document.
 * @param model the name of the model, for the error's sentence
 * @throws MetadataError that names the first bad field.
 */
export function parseMetadata(document: unknown, model: string): ModelMetadata {
  return parsed(metadataSchema, document, model);
}

/**
 * The input that a backbone's metadata describe; undefined if there is none.
 * @throws MetadataError that names the first bad field.
 */
export function readNetworkInput({ metadata }: Model, name: string): NetworkInput | undefined {
  const text = metadata.get(NETWORK_INPUT_KEY);
  return text === undefined ? undefined : parsed(networkInputSchema, parseJson(text, name), name);
}

function parsed<T>(schema: z.ZodType<T>, document: unknown, model: string): T {
  // A document is read once: generating code for its schema takes a quarter longer than reading it without.
  const result = schema.safeParse(document, { jitless: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.join('.');
  throw new MetadataError(
    `Model '${model}': its agewise metadata is invalid${field ? ` at '${field}'` : ''}: ${issue!.message}`,
  );
}

/**
 * A model's metadata, checked against its graph; `document` supplies them for a model without any.
 * @throws MetadataError if they are missing, malformed, or contradicted by the graph.
 */
export function readMetadata(model: Model, name: string, document?: unknown): ModelMetadata {
  const text = model.metadata.get(METADATA_KEY);
  if (document === undefined && text === undefined) {
    throw new MetadataError(
      `Model '${name}' has no metadata property '${METADATA_KEY}', which says how its input is prepared and what its outputs mean`,
    );
  }
  const metadata = parseMetadata(document ?? parseJson(text!, name), name);
  checkInput(model, name, metadata.input);
  const { age } = metadata;
  for (const output of age === null ? [] : [age.name, ...(age.members ?? [])]) {
    checkOutput(model, name, output, [age!.classes.length], 'age classes');
  }
  if (metadata.gender !== null) checkOutput(model, name, metadata.gender.name, [1, 2], 'gender outputs');
  return metadata;
}

/** The model with this document, replacing any it has. */
export const withDocument = (model: Model, document: ModelMetadataDocument): Model =>
  withMetadata(model, METADATA_KEY, JSON.stringify(document));

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MetadataError(`Model '${name}': its agewise metadata is not JSON: ${(error as Error).message}`);
  }
}

/** Checks the graph's picture input against the size in the metadata. */
function checkInput(model: Model, name: string, { width, height, layout }: ModelMetadata['input']): void {
  const pictures = model.graph.inputs.filter(
    (i) => !model.graph.initializers.has(i.name) && i.type?.shape?.length === 4,
  );
  const [input] = pictures;
  if (pictures.length !== 1) return;
  const stated = input!.type!.shape!;
  const expected = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  if (expected.some((side, i) => typeof stated[i + 1] === 'number' && stated[i + 1] !== side)) {
    throw new MetadataError(
      `Model '${name}': its metadata has an input of [N, ${expected.join(', ')}], its input '${input!.name}' is [${stated.join(', ')}]`,
    );
  }
}

function checkOutput(
  model: Model,
  name: string,
  output: string,
  counts: readonly number[],
  what: string,
): void {
  const found = model.graph.outputs.find((o) => o.name === output);
  if (found === undefined) {
    const names = model.graph.outputs.map((o) => `'${o.name}'`).join(', ') || 'none';
    throw new MetadataError(
      `Model '${name}': its metadata names an output '${output}', the graph has ${names}`,
    );
  }
  const last = found.type?.shape?.at(-1);
  if (typeof last === 'number' && !counts.includes(last)) {
    throw new MetadataError(
      `Model '${name}': its metadata has ${counts.join(' or ')} ${what}, its output '${output}' has ${last}`,
    );
  }
}
