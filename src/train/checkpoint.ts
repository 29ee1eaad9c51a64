/**
 * Checkpoints: the state of a run as safetensors, and where it stands as JSON inside the same file, so that the two
 * cannot come apart. Written to a temporary name, flushed to the disk and renamed: whoever is killed at any moment
 * leaves the last whole checkpoint behind.
 */

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgewiseError } from '../errors/index.js';
import { readWholeFile, reasonOf, writeWholeFile } from '../files/index.js';
import type { Tensor } from '../onnx/index.js';
import { readSafetensors, SafetensorsError, safetensorsParts } from './safetensors.js';

/** Thrown if a checkpoint cannot be written, or read, or is of another network. */
export class CheckpointError extends AgewiseError {
  override readonly name = 'CheckpointError';
}

export interface Checkpoint<P = unknown> {
  /** Weights, moments and statistics in ONNX's own layout, by name. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Where the run stands: epoch, step, best figure, seed. Anything that JSON holds. */
  readonly progress: P;
}

const PROGRESS = 'progress';

/** Whether a safetensors file with these metadata is a checkpoint, and so in ONNX's layout. */
export const isCheckpoint = (metadata: Readonly<Record<string, string>>): boolean => PROGRESS in metadata;

/**
 * Writes a checkpoint instead of the one before.
 * @throws CheckpointError if it cannot be written; the one before is then as it was.
 */
export async function saveCheckpoint(path: string, { state, progress }: Checkpoint): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
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
