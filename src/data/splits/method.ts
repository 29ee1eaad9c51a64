/** The ways to split, as plain data that a split file holds. */
import * as z from 'zod';
import { SPLIT_METHODS, type SplitMethodName } from './names.js';

const method = <N extends SplitMethodName>(name: N) => z.literal(name).describe(SPLIT_METHODS[name]);

const share = z.number().gt(0).lt(1);

const stratify = z
  .boolean()
  .default(true)
  .describe('whether each part gets its share of every age band of each gender, or only of all rows');

/** See benchmark.ts and authors.ts for what these do. */
export const splitMethodSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: method('shares'),
    shares: z
      .record(z.string().regex(/^[\w-]+$/), share)
      .refine((shares) => Object.keys(shares).length >= 2, 'expected two or more parts')
      .refine(
        (shares) => Math.abs(Object.values(shares).reduce((a, b) => a + b, 0) - 1) < 1e-6,
        'expected shares that sum to 1',
      )
      .describe('the share of each part by its name, such as `{ train: 0.8, validation: 0.1, test: 0.1 }`'),
    stratify,
  }),
  z.strictObject({
    name: method('folds'),
    folds: z.int().min(2).max(100).describe('how many'),
    stratify,
  }),
  z.strictObject({ name: method('people') }),
  z.strictObject({ name: method('authors') }),
  z.strictObject({
    name: method('al-resnet'),
    validation: share
      .optional()
      .describe('the share of the training part that is cut from its end for validation; none if left out'),
  }),
  z.strictObject({
    name: method('hash'),
  }),
  z.strictObject({
    name: method('benchmark'),
    repetition: z.int().min(0).max(4).describe('which of the five splits, from 0'),
  }),
  z.strictObject({
    name: method('given'),
    split: z
      .string()
      .regex(/^[\w.-]+$/)
      .describe('its name: the store holds it as NAME.split.json'),
  }),
]);

export type SplitMethod = z.infer<typeof splitMethodSchema>;

/** The name of a split: the given one, else its method's, with the repetition's number for the benchmark. */
export function splitName(method: SplitMethod, name?: string): string {
  if (method.name === 'given') return name ?? method.split;
  // The parts of AL-ResNet's split with and without validation are not the same.
  const cut = method.name === 'al-resnet' && method.validation !== undefined;
  const called = name ?? (cut ? `${method.name}-${method.validation}` : method.name);
  return method.name === 'benchmark' ? `${called}-${method.repetition}` : called;
}
