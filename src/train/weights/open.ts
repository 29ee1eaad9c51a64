/** Files of weights by their format. */

import { open, stat } from 'node:fs/promises';
import { foundInstead, notAFile } from '../../files/index.js';
import type { Network } from '../../networks/index.js';
import { WeightsError } from './error.js';
import { KerasWeights } from './keras/weights.js';
import { NamedWeights } from './named-weights.js';
import type { WeightFile } from './weight-file.js';

type Open = (path: string, network: Network, prefix: string) => Promise<WeightFile>;

const keras: Open = (path, network, prefix) => KerasWeights.open(path, network, prefix);
const safetensors: Open = (path, _network, prefix) => NamedWeights.safetensors(path, prefix);
const onnx: Open = (path, _network, prefix) => NamedWeights.onnx(path, prefix);

const BY_EXTENSION: Readonly<Record<string, Open>> = {
  h5: keras,
  hdf5: keras,
  safetensors,
  onnx,
};

/** Unsupported weight formats, with advice on how to convert them. */
const OTHERS: Readonly<Record<string, string>> = {
  keras: 'it is a ZIP archive; extract model.weights.h5 from it',
  pt: 'PyTorch can save its state_dict as safetensors',
  pth: 'PyTorch can save its state_dict as safetensors',
  bin: 'PyTorch can save its state_dict as safetensors',
  tar: 'PyTorch can save its state_dict as safetensors',
  ckpt: 'the program that made it can save safetensors or HDF5',
};

/** @throws WeightsError if the file is missing, unsupported, or damaged. */
export async function openWeights(path: string, network: Network, prefix: string): Promise<WeightFile> {
  const begin = await beginning(path);
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const way = BY_EXTENSION[extension] ?? byContent(begin);
  if (way) return way(path, network, prefix);
  const hint = OTHERS[extension];
  throw new WeightsError(
    `${path}: expected weights as Keras HDF5 (.h5, .hdf5), .safetensors or .onnx${hint ? `; ${hint}` : ''}`,
  );
}

/** The signature of HDF5 (its format specification, III.A). */
const HDF5 = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The offset of the JSON in a safetensors file. */
const HEADER = 8;

function byContent(begin: Buffer): Open | undefined {
  if (begin.subarray(0, HDF5.length).equals(HDF5)) return keras;
  return begin[HEADER] === '{'.charCodeAt(0) ? safetensors : undefined;
}

async function beginning(path: string): Promise<Buffer> {
  try {
    const kind = notAFile(await stat(path));
    if (kind !== undefined)
      throw new WeightsError({ subject: path, expected: 'a file of weights', found: kind });
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    const found = foundInstead(error);
    throw new WeightsError({ subject: path, expected: 'a file of weights', found }, { cause: error });
  }
}
