/** What every trainer begins with, in a file: the same batch and the same weights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noiseBatch, type TrainingStep } from './training-step.js';

/**
 * Writes float32 values, little-endian, one array behind the other: images `[N, 3, H, W]`, targets `[N, classes]`, then
 * weights in the order in which the network makes them, in ONNX's layout (a convolution's `[out, in, height, width]`, a
 * matrix `[in, out]`).
 */
export function writeMaterial(step: TrainingStep): { file: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'agewise-bench-'));
  const file = path.join(folder, 'material.bin');
  const { images, target } = noiseBatch(step);
  const weights = step.state.filter(({ trained }) => trained).map(({ values }) => values);
  writeFileSync(
    file,
    Buffer.concat([images, target, ...weights].map((array) => new Uint8Array(array.buffer))),
  );
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
