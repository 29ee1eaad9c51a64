/** Runs and jobs in the queue, as small plain data that is validated when read. */
import * as z from 'zod';
import { requestSchema } from '../bulk/node.js';
import { DEVICES } from '../runtime/index.js';

const text = z.string().min(1);
const count = z.int().min(0);

const modelSchema = z.strictObject({
  /** Its name in results. */
  name: text,
  /** The name of a shipped model, or an absolute path that every worker sees. */
  source: text,
  sha256: text,
});

const estimateTask = z.strictObject({
  kind: z.literal('estimate'),
  request: requestSchema,
  models: z.array(modelSchema).min(1),
  source: z.discriminatedUnion('kind', [
    /** A file with a path on each line. */
    z.strictObject({ kind: z.literal('list'), path: text }),
    z.strictObject({ kind: z.literal('store'), folder: text, fingerprint: text }),
  ]),
  /** The number of pictures in a shard. */
  size: z.int().min(1),
});

const evaluateTask = z.strictObject({
  kind: z.literal('evaluate'),
  models: z.array(modelSchema).min(1),
  store: text,
  fingerprint: text,
  split: text.optional(),
  part: text.optional(),
  cropped: z.boolean(),
  flip: z.boolean(),
  /** How many faces are also looked at under changes, and the seed that draws them. */
  robustness: z.strictObject({ faces: z.int().min(1), seed: count }).optional(),
  device: z.enum(DEVICES),
  size: z.int().min(1),
});

const trainTask = z.strictObject({
  kind: z.literal('train'),
  /** The folder name and the complete recipe of each run, one job each. */
  runs: z.array(z.strictObject({ name: text, recipe: z.record(z.string(), z.unknown()) })).min(1),
  /** Whether the runs are members, which become one model, or folds, whose figures are averaged. */
  of: z.enum(['members', 'folds']),
  stores: z.array(text),
  device: z.enum(DEVICES),
});

const taskSchema = z.discriminatedUnion('kind', [estimateTask, evaluateTask, trainTask]);

export const runSchema = z.strictObject({
  id: text,
  /** The absolute path of the results' file or the runs' folder. */
  out: text,
  /** The absolute path of the folder with shards until they are joined. */
  workFolder: text,
  /** ISO 8601. */
  submitted: text,
  /** The number of attempts before a failing job is set aside. */
  attempts: z.int().min(1),
  task: taskSchema,
});

/** A job: a stretch of the inputs, a member or a fold; or the join of all. */
export const jobSchema = z.strictObject({
  run: text,
  /** From 0; null for the job that joins. */
  number: count.nullable(),
  /** A shard's first picture, its number of pictures and, for a list, the byte offset of the first one's line. */
  stretch: z.strictObject({ first: count, count: z.int().min(1), byte: count }).optional(),
});

export type Task = z.infer<typeof taskSchema>;
export type TaskOf<Kind extends Task['kind']> = Extract<Task, { readonly kind: Kind }>;
export type Run = z.infer<typeof runSchema>;
export type RunOf<Kind extends Task['kind']> = Omit<Run, 'task'> & { readonly task: TaskOf<Kind> };
export type Job = z.infer<typeof jobSchema>;
export type ModelReference = z.infer<typeof modelSchema>;
