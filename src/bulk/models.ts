/** Models with their hashes, so that results of different models are not mixed up. */
import { createHash } from 'node:crypto';
import { readModelSource } from '../registry/node.js';

export interface NamedModel {
  /** As the user named it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of the bytes. */
  readonly sha256: string;
}

export const namedModel = (name: string, bytes: Uint8Array): NamedModel => ({
  name,
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** @throws ModelFileError if there is no such model */
export const readNamedModel = async (name: string): Promise<NamedModel> =>
  namedModel(name, (await readModelSource(name)).bytes);
