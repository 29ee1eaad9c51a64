/** What stands in the queue: runs and jobs as small plain data, validated when read. */
import { z } from 'zod';
import { requestSchema } from '../bulk/node.js';
import { DEVICES } from '../runtime/index.js';

const text = z.string().min(1);
const count = z.int().min(0);

const modelSchema = z.strictObject({
  /** What results call it. */
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
  /** Pictures of a shard. */
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
  device: z.enum(DEVICES),
  size: z.int().min(1),
});

const trainTask = z.strictObject({
  kind: z.literal('train'),
  /** Of each job, the name of its run's folder and its recipe, with all of its values. */
  runs: z.array(z.strictObject({ name: text, recipe: z.record(z.string(), z.unknown()) })).min(1),
  /** Whether the runs are members, which become one model, or folds, whose figures are summed up. */
  of: z.enum(['members', 'folds']),
  stores: z.array(text),
  device: z.enum(DEVICES),
});

export const taskSchema = z.discriminatedUnion('kind', [estimateTask, evaluateTask, trainTask]);

export const runSchema = z.strictObject({
  id: text,
  /** Absolute: the file of the results, or the folder of the runs. */
  out: text,
  /** Absolute: the folder of what is not joined yet. */
  work: text,
  /** ISO 8601. */
  submitted: text,
  /** Of a job that fails, before it is set aside. */
  attempts: z.int().min(1),
  task: taskSchema,
});

/** One job: a stretch of the inputs, a member, a fold; or what joins them all. */
export const jobSchema = z.strictObject({
  run: text,
  /** From 0; null for the job that joins. */
  number: count.nullable(),
  /** The stretch of a shard: its first picture, how many, and in a list the byte of the first one's line. */
  stretch: z.strictObject({ first: count, count: z.int().min(1), byte: count }).optional(),
});

export type Task = z.infer<typeof taskSchema>;
export type TaskOf<Kind extends Task['kind']> = Extract<Task, { readonly kind: Kind }>;
export type Run = z.infer<typeof runSchema>;
export type RunOf<Kind extends Task['kind']> = Omit<Run, 'task'> & { readonly task: TaskOf<Kind> };
export type Job = z.infer<typeof jobSchema>;
export type ModelFacts = z.infer<typeof modelSchema>;
