/** Where a run keeps what, and how it is read again. */
import { join } from 'node:path';
import * as z from 'zod';
import type { Tensor } from '../onnx/index.js';
import { CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { type Assembled, weightNames } from './graph/index.js';

export const runFiles = (folder: string) => ({
  /** The trained graph (see graph-file.ts). */
  graph: join(folder, 'graph.onnx'),
  /** The last saved state and progress. */
  last: join(folder, 'last.safetensors'),
  /** The weights that did best on the validation part. */
  best: join(folder, 'best.safetensors'),
});

export const memberFolder = (folder: string, member: number): string => join(folder, `member-${member}`);

const figures = z.record(z.string(), z.number());
const count = z.int().min(0);

const bestSchema = z.strictObject({
  format: z.literal(1),
  epoch: count,
  step: count,
  figures,
});

const progressSchema = z.strictObject({
  format: z.literal(1),
  /** The stage, from 0; the number of stages if the run is finished. */
  stage: count,
  /** Updates in this stage, in all stages, and epochs in all. */
  stageStep: count,
  step: count,
  epoch: count,
  best: bestSchema.nullable(),
  /** Epochs of this stage that were evaluated since the best one. */
  stale: count,
  /** The loss of the stage's first update. */
  firstLoss: z.number().nullable(),
  /** Of the current epoch. */
  meter: z.record(z.string(), z.tuple([z.number(), z.number()])),
  /** Training time. May be negative in older runs, if the clock had been set back. */
  seconds: z.number().transform((seconds) => Math.max(0, seconds)),
});

/** A run's progress. */
export type RunProgress = z.infer<typeof progressSchema>;
/** The epoch and figures of the best weights. */
export type Best = z.infer<typeof bestSchema>;

export const BEGINNING: RunProgress = {
  format: 1,
  stage: 0,
  stageStep: 0,
  step: 0,
  epoch: 0,
  best: null,
  stale: 0,
  firstLoss: null,
  meter: {},
  seconds: 0,
};

/**
 * Saves a run's progress, the state of its step, and the weights that no step changes.
 * @throws CheckpointError if it cannot be written; the previous one is then unchanged.
 */
export const saveProgress = (
  folder: string,
  state: ReadonlyMap<string, Tensor>,
  progress: RunProgress,
): Promise<void> => saveCheckpoint(runFiles(folder).last, { state, progress });

/** @throws CheckpointError if there is none, or it is something else. */
export async function loadProgress(folder: string): Promise<{
  readonly state: ReadonlyMap<string, Tensor>;
  readonly progress: RunProgress;
}> {
  const path = runFiles(folder).last;
  const { state, progress } = await loadCheckpoint(path);
  return { state, progress: checked(progressSchema, progress, path) };
}

export const saveBest = (folder: string, weights: ReadonlyMap<string, Tensor>, best: Best): Promise<void> =>
  saveCheckpoint(runFiles(folder).best, { state: weights, progress: best });

/** @throws CheckpointError if there is none, or it is something else. */
export async function loadBest(
  folder: string,
): Promise<{ readonly weights: ReadonlyMap<string, Tensor>; readonly best: Best }> {
  const path = runFiles(folder).best;
  const { state, progress } = await loadCheckpoint(path);
  return { weights: state, best: checked(bestSchema, progress, path) };
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const field = result.error.issues[0]!.path.join('.');
  throw new CheckpointError(
    `Checkpoint '${path}' does not belong to a run: its progress is invalid at '${field}'`,
  );
}

/**
 * The weights of a graph among the tensors of a checkpoint.
 * @throws CheckpointError that names the first one that is missing or has another shape, as with another network.
 */
export function weightsIn(
  assembled: Assembled,
  tensors: ReadonlyMap<string, Tensor>,
  path: string,
): ReadonlyMap<string, Tensor> {
  const shapes = assembled.forward.graph.initializers;
  return new Map(
    weightNames(assembled).map((name) => {
      const expected = shapes.get(name)!.dims;
      const found = tensors.get(name);
      if (found !== undefined && found.dims.join() === expected.join()) return [name, found];
      const described = found === undefined ? 'none' : `[${found.dims.join(', ')}]`;
      throw new CheckpointError(
        `Checkpoint '${path}' is of another network: '${name}' must be [${expected.join(', ')}], found ${described}`,
      );
    }),
  );
}
