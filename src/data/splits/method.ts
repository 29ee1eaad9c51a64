/** The ways to split, as plain data that a split file holds. */
import { z } from 'zod';

const share = z.number().gt(0).lt(1);

const stratify = z
  .boolean()
  .describe('whether each part has its share of each age band of each gender, or of the rows as a whole');

/** See benchmark.ts and authors.ts for what these do. */
export const splitMethodSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('shares').describe('parts of given sizes'),
    shares: z
      .record(z.string().regex(/^[\w-]+$/), share)
      .refine((shares) => Object.keys(shares).length >= 2, 'expected two parts or more')
      .refine(
        (shares) => Math.abs(Object.values(shares).reduce((a, b) => a + b, 0) - 1) < 1e-6,
        'expected shares that sum to 1',
      )
      .describe('of the parts, by their names, such as `{ train: 0.8, validation: 0.1, test: 0.1 }`'),
    stratify,
  }),
  z.strictObject({
    name: z.literal('folds').describe('equal parts `fold0`, `fold1`, … for cross-validation'),
    folds: z.int().min(2).max(100).describe('how many'),
    stratify,
  }),
  z.strictObject({ name: z.literal('authors').describe("the parts that the data set's authors made") }),
  z.strictObject({
    name: z.literal('al-resnet').describe('the first 80% after a shuffle to train, the rest to test'),
  }),
  z.strictObject({
    name: z
      .literal('hash')
      .describe("by the MD5 of a picture's file name, so that it is the same in every store of the set"),
  }),
  z.strictObject({
    name: z.literal('benchmark').describe('one of the five splits of the Facial Age Estimation Benchmark'),
    repetition: z.int().min(0).max(4).describe('which of the five, from 0'),
  }),
]);

export type SplitMethod = z.infer<typeof splitMethodSchema>;
export type SplitMethodName = SplitMethod['name'];

/** What a split is called where nobody names it: as its method, and of a benchmark's five with their numbers. */
export const splitName = (method: SplitMethod, name: string = method.name): string =>
  method.name === 'benchmark' ? `${name}-${method.repetition}` : name;
