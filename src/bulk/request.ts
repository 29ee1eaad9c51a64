/** What estimates are of: the same request means the same rows. */
import { z } from 'zod';
import { DEVICES } from '../runtime/index.js';

const text = z.string();

export const detailsSchema = z.strictObject({
  distribution: z.boolean(),
  atLeast: z.array(z.int().min(0).max(100)),
});

/** How faces are looked for and estimated, as `AgeEstimator.load` takes it. */
export const estimateOptionsSchema = z.strictObject({
  device: z.enum(DEVICES),
  gender: z.boolean(),
  turn: z.boolean(),
  flip: z.boolean(),
  cropped: z.boolean(),
  maxPixels: z.int().min(1).optional(),
});

export const requestSchema = z.strictObject({
  /** Of Agewise, since another one may estimate otherwise. */
  version: text,
  models: z.array(z.strictObject({ name: text, sha256: text })).min(1),
  options: estimateOptionsSchema,
  details: detailsSchema,
  /** The inputs as they were named; a store by its fingerprint too. */
  inputs: z.array(text),
  shard: z.strictObject({ number: z.int().min(1), of: z.int().min(1) }).optional(),
});

export type EstimateOptions = z.infer<typeof estimateOptionsSchema>;
export type EstimateRequest = z.infer<typeof requestSchema>;

export const sameRequest = (one: EstimateRequest, other: EstimateRequest): boolean =>
  JSON.stringify(requestSchema.parse(one)) === JSON.stringify(requestSchema.parse(other));
