/** The inputs, models and options of estimates: equal requests give equal rows. */
import * as z from 'zod';
import { DEVICES } from '../runtime/index.js';

const text = z.string();

export const detailsSchema = z.strictObject({
  distribution: z.boolean(),
  atLeast: z.array(z.int().min(0).max(100)),
});

/** The options of `AgeEstimator.load`. */
export const estimateOptionsSchema = z.strictObject({
  device: z.enum(DEVICES),
  gender: z.boolean(),
  turn: z.boolean(),
  flip: z.boolean(),
  cropped: z.boolean(),
  maxPixels: z.int().min(1).optional(),
});

export const requestSchema = z.strictObject({
  /** Agewise's version, since another one may give other estimates. */
  version: text,
  models: z.array(z.strictObject({ name: text, sha256: text })).min(1),
  options: estimateOptionsSchema,
  details: detailsSchema,
  /** Seconds between the frames that are estimated, if the inputs are videos. */
  every: z.number().positive().optional(),
  /** The inputs as named; for a store also its fingerprint. */
  inputs: z.array(text),
  shard: z.strictObject({ number: z.int().min(1), of: z.int().min(1) }).optional(),
});

export type EstimateOptions = z.infer<typeof estimateOptionsSchema>;
export type EstimateRequest = z.infer<typeof requestSchema>;

export const sameRequest = (one: EstimateRequest, other: EstimateRequest): boolean =>
  JSON.stringify(requestSchema.parse(one)) === JSON.stringify(requestSchema.parse(other));
