/** The initial data of every trainer, in a file: the same batch and the same weights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tensorValues } from '../../src/onnx/index.js';
import { noiseBatch, type Trainable } from './training-step.js';

/**
 * Writes float32 values, little-endian, one array behind the other: images `[N, 3, H, W]`, targets `[N, classes]`, then
 * weights in the order in which the network makes them, in ONNX's layout (a convolution's `[out, in, height, width]`, a
 * matrix `[in, out]`). A file beside it, of the same name with `.json`, lists the weights' names in that order.
 */
export function writeMaterial(network: Trainable): { file: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'agewise-bench-'));
  const file = path.join(folder, 'material.bin');
  const { images, target } = noiseBatch(network);
  const { initializers } = network.model.graph;
  const weights = network.parameters.map((name) => tensorValues(initializers.get(name)!) as Float32Array);
  writeFileSync(
    file,
    Buffer.concat(
      [images, target, ...weights].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      ),
    ),
  );
  writeFileSync(path.join(folder, 'material.json'), JSON.stringify(network.parameters));
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
