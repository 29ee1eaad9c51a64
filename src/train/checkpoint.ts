/**
 * Checkpoints: a run's state as safetensors, with its progress as JSON in the same file, so that the two always match.
 * Written to a temporary name, flushed to the disk and renamed: a process killed at any moment leaves the last complete
 * checkpoint.
 */

import { dirname } from 'node:path';
import { AgewiseError } from '../errors/index.js';
import { makeFolders, readWholeFile, reasonOf, writeWholeFile } from '../files/index.js';
import type { Tensor } from '../onnx/index.js';
import { readSafetensors, SafetensorsError, safetensorsParts } from './safetensors.js';

/** Thrown if a checkpoint cannot be written or read, or belongs to another network. */
export class CheckpointError extends AgewiseError {
  override readonly name = 'CheckpointError';
}

export interface Checkpoint<P = unknown> {
  /** Weights, moments and statistics in ONNX's own layout, by name. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** The run's progress: epoch, step, best figure, seed. Any JSON value. */
  readonly progress: P;
}

const PROGRESS = 'progress';

/** Whether a safetensors file with these metadata is a checkpoint, and thus in ONNX's layout. */
export const isCheckpoint = (metadata: Readonly<Record<string, string>>): boolean => PROGRESS in metadata;

/**
 * Writes a checkpoint, replacing the previous one.
 * @throws CheckpointError if it cannot be written; the previous one is then unchanged.
 */
export async function saveCheckpoint(path: string, { state, progress }: Checkpoint): Promise<void> {
  try {
    await makeFolders(dirname(path));
    await writeWholeFile(path, safetensorsParts(state.values(), { [PROGRESS]: JSON.stringify(progress) }));
  } catch (error) {
    throw new CheckpointError(`Checkpoint '${path}' cannot be written: ${reasonOf(error)}`, {
      kind: 'failed',
      cause: error,
    });
  }
}

/**
 * Reads a checkpoint.
 * @throws CheckpointError if there is none, or its file is damaged.
 */
export async function loadCheckpoint<P>(path: string): Promise<Checkpoint<P>> {
  try {
    const { tensors, metadata } = readSafetensors(await readWholeFile(path));
    const text = metadata[PROGRESS];
    if (text === undefined) throw new SafetensorsError(`it holds no '${PROGRESS}'`);
    return { state: tensors, progress: JSON.parse(text) as P };
  } catch (error) {
    throw new CheckpointError(`Checkpoint '${path}' cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
