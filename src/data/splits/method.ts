/** The ways to split, as plain data that a split file holds. */
import { z } from 'zod';

const share = z.number().gt(0).lt(1);

/**
 * - `shares`: parts of given sizes, such as `{ train: 0.8, validation: 0.1, test: 0.1 }`.
 * - `folds`: equal parts `fold0`, `fold1`, … for cross-validation.
 * - `authors`: the parts that the data set's authors made.
 * - `al-resnet`: the first 80% after a shuffle to train, the rest to test.
 * - `benchmark`: one of the five splits of the Facial Age Estimation Benchmark (see benchmark.ts).
 */
export const splitMethodSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('shares'),
    shares: z
      .record(z.string().regex(/^[\w-]+$/), share)
      .refine((shares) => Object.keys(shares).length >= 2, 'expected two parts or more')
      .refine(
        (shares) => Math.abs(Object.values(shares).reduce((a, b) => a + b, 0) - 1) < 1e-6,
        'expected shares that sum to 1',
      ),
    /** Whether each part has its share of each age band of each gender, or of the rows as a whole. */
    stratify: z.boolean(),
  }),
  z.strictObject({
    name: z.literal('folds'),
    folds: z.int().min(2).max(100),
    stratify: z.boolean(),
  }),
  z.strictObject({ name: z.literal('authors') }),
  z.strictObject({ name: z.literal('al-resnet') }),
  z.strictObject({ name: z.literal('benchmark'), repetition: z.int().min(0).max(4) }),
]);

export type SplitMethod = z.infer<typeof splitMethodSchema>;
export type SplitMethodName = SplitMethod['name'];
