/** Requests and answers as zod schemas, which validate queries and make the OpenAPI document. */
import * as z from 'zod';
import { OLDEST } from '../age/index.js';
import { CHALLENGE_YEARS } from '../estimate/about.js';

const point = z.object({ x: z.number(), y: z.number() });
const probability = z.number().min(0).max(1);

/** Metadata of a parameter: `expected` for error messages, and a description for documents. */
const described = (expected: string, meaning: string) => ({
  expected,
  description: `${meaning}: ${expected}`,
});

const decimal = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/)
  .transform(Number);

const ages = z
  .string()
  .regex(/^\d{1,3}(,\d{1,3}){0,31}$/)
  .transform((text) => [...new Set(text.split(',').map(Number))].sort((a, b) => a - b))
  .refine((list) => list.every((age) => age <= OLDEST));

/** @param most the server's own limit on faces */
export const estimateQuery = (most: number) =>
  z.strictObject({
    minScore: decimal
      .refine((score) => score <= 1)
      .optional()
      .meta(described('a number from 0 to 1', 'The minimum score of a face, 0.45 by default')),
    minFaceSize: decimal
      .optional()
      .meta(
        described(
          'a number of pixels',
          "The minimum length of the shorter side of a face's box, 0 by default",
        ),
      ),
    maxFaces: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((count) => count >= 1 && count <= most)
      .optional()
      .meta(
        described(`a whole number from 1 to ${most}`, 'The maximum number of faces estimated per picture'),
      ),
    order: z
      .enum(['score', 'size'])
      .optional()
      .meta(described("'score' or 'size'", 'The order of faces, descending, score by default')),
    distribution: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .meta(
        described("'true' or 'false'", 'Whether to return the probability of every age, false by default'),
      ),
    atLeast: ages
      .optional()
      .meta(
        described(
          `whole years from 0 to ${OLDEST}, separated by commas, such as 18,25`,
          'The ages t for which to return P(age ≥ t)',
        ),
      ),
  });

/** The default of `age`, in years. */
export const LEGAL_AGE = 18;

const years = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .refine((age) => age >= 1 && age <= OLDEST);

export const verifyQuery = z.strictObject({
  age: years
    .optional()
    .meta(described(`whole years from 1 to ${OLDEST}`, `The required age, ${LEGAL_AGE} by default`)),
  challenge: years
    .optional()
    .meta(
      described(
        `whole years from 1 to ${OLDEST}`,
        `The estimated age at which a face passes, by default ${CHALLENGE_YEARS} years above 'age'`,
      ),
    ),
});

const faceSchema = z.object({
  box: z
    .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
    .describe('In pixels of the upright picture.'),
  score: probability.nullable().describe('Null, like the landmarks, if pictures are faces already cropped.'),
  landmarks: z.object({ rightEye: point, leftEye: point, nose: point, mouth: point }).nullable(),
  age: z
    .number()
    .describe('The expected value in years; null, like the next three, if no model predicts ages.'),
  median: z.number(),
  std: z.number().describe('The standard deviation in years.'),
  interval: z.tuple([z.number(), z.number()]).describe('The interval that contains 90% of the probability.'),
  gender: z.object({ label: z.enum(['female', 'male']), probability }).optional(),
  group: z
    .object({ label: z.string(), from: z.number(), to: z.number(), probability })
    .optional()
    .describe('The most probable age group, for models that predict groups.'),
  members: z.array(z.number()).optional().describe('The estimate of each network of an ensemble, in years.'),
  distribution: z
    .array(z.object({ from: z.number(), to: z.number(), p: probability }))
    .optional()
    .describe('The probability of each age class, which covers the whole years from..to.'),
  atLeast: z.record(z.string(), probability).optional().describe('P(age ≥ t) by t.'),
});

export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('One sentence.'),
  code: z.string().describe('The cause, for programs.'),
});

export const pictureSchema = z.object({
  width: z.number().int().describe("The upright picture's size in pixels."),
  height: z.number().int(),
  faces: z.array(faceSchema),
});

export const picturesSchema = z.object({
  images: z
    .array(z.union([pictureSchema, z.object({ error: problemSchema })]))
    .describe('One for each part, in order.'),
});

const verificationSchema = z.object({
  verdict: z
    .enum(['pass', 'refer', 'fail'])
    .describe(
      'pass: the estimate is the challenge age or more; fail: the whole interval is below the age; refer: anything else.',
    ),
  reason: z.string(),
  age: z.number().describe('The required age.'),
  challenge: z.number(),
  faces: z.number().int(),
  atLeast: probability.nullable().describe('P(age ≥ the required age); null unless there is one face.'),
  estimate: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  quality: z.object({ size: z.number(), sharpness: z.number(), turn: z.number() }).nullable(),
});

const calibrated = z
  .boolean()
  .describe('Whether probabilities are calibrated, so that they mean what they say.');

export const verificationAnswerSchema = verificationSchema.extend({ calibrated });
export const verificationsSchema = z.object({
  images: z
    .array(z.union([verificationSchema, z.object({ error: problemSchema })]))
    .describe('One for each part, in order.'),
  calibrated,
});

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const tensorShape = z.array(z.number().int());

export const inferenceServerSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

const tensorFacts = z.object({ name: z.string(), datatype: z.string(), shape: tensorShape });

export const inferenceModelSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorFacts),
  outputs: z.array(tensorFacts),
});

const tensorData = z
  .array(z.unknown())
  .optional()
  .describe(
    'Left out if the tensor is binary. Elements of BYTES are base64 in requests and texts in answers.',
  );

export const inferenceRequestSchema = z.object({
  id: z.string().optional(),
  parameters: parametersSchema.optional(),
  inputs: z.array(tensorFacts.extend({ parameters: parametersSchema.optional(), data: tensorData })),
  outputs: z.array(z.object({ name: z.string(), parameters: parametersSchema.optional() })).optional(),
});

export const inferenceResponseSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(tensorFacts.extend({ parameters: parametersSchema.optional(), data: tensorData })),
});

export const inferenceErrorSchema = z.object({ error: z.string() });

export const modelsSchema = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      metadata: z.record(z.string(), z.unknown()).describe("The document in the model's file."),
    }),
  ),
});

export const healthSchema = z.object({ status: z.literal('ok') });
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not ready']),
  workers: z.number().int(),
  busy: z.number().int(),
  waiting: z.number().int(),
});
