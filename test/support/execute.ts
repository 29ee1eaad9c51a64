/** Runs a model on ONNX Runtime, the oracle of tests on graphs. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type Model, type Tensor, tensorValues, writeModel } from '../../src/onnx/index.js';

export interface Result {
  readonly dtype: string;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number | bigint | string>;
}

function feed(t: Tensor): OrtTensor {
  // A view at an odd place in someone's file: ONNX Runtime wants elements from their own buffer.
  return new OrtTensor(t.dtype as 'float32', tensorValues(t).slice() as Float32Array, [...t.dims]);
}

/** The outputs by name. `optimize` false runs the graph as it stands. */
export async function executeBytes(
  bytes: Uint8Array,
  inputs: readonly Tensor[],
  optimize = false,
): Promise<Map<string, Result>> {
  const session = await InferenceSession.create(bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
    graphOptimizationLevel: optimize ? 'all' : 'disabled',
  });
  try {
    const outputs = await session.run(Object.fromEntries(inputs.map((t) => [t.name, feed(t)])));
    return new Map(
      Object.entries(outputs).map(([name, t]) => [
        name,
        { dtype: t.type, dims: t.dims, values: t.data as ArrayLike<number | bigint | string> },
      ]),
    );
  } finally {
    await session.release();
  }
}

export const execute = (model: Model, inputs: readonly Tensor[], optimize = false) =>
  executeBytes(writeModel(model), inputs, optimize);

/** A generator of numbers in 0..1 that gives the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in -1..1, repeatable by their seed. */
export function noise(count: number, seed = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

/** The largest difference between two results' elements. */
export function difference(a: Result, b: Result): number {
  if (a.dims.join() !== b.dims.join() || a.dtype !== b.dtype) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.values.length; i++) {
    worst = Math.max(worst, Math.abs(Number(a.values[i]) - Number(b.values[i])));
  }
  return worst;
}
