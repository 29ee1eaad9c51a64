import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, GraphBuilder, type Model, readModel, writeModel } from '../onnx/index.js';
import { nameEqualSizes } from './equal-sizes.js';
import { floatData, floatTensor } from './index.js';
import { createSession } from './node.js';

const CHANNELS = 16;

/** Numbers in -1..1 that are the same in every run. */
const noise = (count: number, seed: number) =>
  Float32Array.from(
    { length: count },
    (_, i) => Math.sin(seed + 12.9898 * i) * Math.cos(78.233 * (i + seed)),
  );

/** Residual blocks: one of 3 × 3 and 1 × 1 windows, one that halves the picture beside a pooled one. */
function residualNetwork(sides: readonly (string | number)[]): Uint8Array {
  const g = new GraphBuilder({ name: 'residual' });
  const weights = (out: number, into: number, side: number) =>
    g.constant(float32('', [out, into, side, side], noise(out * into * side * side, out + side)));
  const images = g.input('images', 'float32', [1, CHANNELS, ...sides]);
  const first = g.op('Relu', [
    g.op('Conv', [images, weights(CHANNELS, CHANNELS, 3)], { pads: [1, 1, 1, 1] }),
  ]);
  const inner = g.op('Conv', [first, weights(CHANNELS, CHANNELS, 3)], { pads: [1, 1, 1, 1] });
  const block = g.op('Relu', [g.op('Add', [first, g.op('Conv', [inner, weights(CHANNELS, CHANNELS, 1)])])]);
  const half = g.op('Conv', [block, weights(CHANNELS, CHANNELS, 3)], {
    auto_pad: 'SAME_UPPER',
    strides: [2, 2],
  });
  const pooled = g.op('MaxPool', [block], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' });
  const wide = g.op('Conv', [pooled, weights(CHANNELS, CHANNELS, 1)]);
  g.output(g.op('Relu', [g.op('Add', [wide, half])]), 'maps');
  return writeModel(g.build());
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-sizes-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The graph as ONNX Runtime optimizes it for this processor. */
async function optimized(bytes: Uint8Array): Promise<Model> {
  const path = join(folder, 'optimized.onnx');
  await createSession(bytes, 'residual', { saveOptimized: path }).then((session) => session.dispose());
  return readModel(await readFile(path));
}

describe('names of equal sizes', () => {
  it('give sums the memory of what they add to, and change no value at any size', async () => {
    const bytes = residualNetwork(['H', 'W']);
    const named = nameEqualSizes(await optimized(bytes));
    const plain = await createSession(bytes, 'plain', { threads: 1 });
    const inPlace = await createSession(writeModel(named), 'named', { threads: 1, optimize: false });
    for (const [height, width] of [
      [8, 12],
      [32, 6],
      [8, 12],
    ] as const) {
      const images = floatTensor(noise(CHANNELS * height * width, 5), [1, CHANNELS, height, width]);
      const expected = await plain.run({ images });
      const found = await inPlace.run({ images });
      expect(found.maps!.dims).toEqual([1, CHANNELS, height / 2, width / 2]);
      expect(floatData(found.maps!)).toEqual(floatData(expected.maps!));
    }
    await plain.dispose();
    await inPlace.dispose();
  });

  it('are the same for the parts of a sum, others for what is halved', async () => {
    const { graph } = nameEqualSizes(await optimized(residualNetwork(['H', 'W'])));
    const sums = graph.nodes.filter(({ inputs }) => inputs[3]);
    // A processor without blocked kernels has none.
    if (!graph.nodes.some(({ domain }) => domain === 'com.microsoft.nchwc')) return;
    const shape = (name: string) => graph.valueInfo.get(name)!.type!.shape!;
    expect(sums).toHaveLength(2);
    for (const { inputs, outputs } of sums) {
      expect(shape(inputs[3]!)).toEqual(shape(outputs[0]!));
      expect(shape(outputs[0]!)).toEqual([expect.any(String), null, expect.any(String), expect.any(String)]);
    }
    const [whole, half] = sums.map(({ outputs }) => shape(outputs[0]!));
    expect(half![2]).not.toBe(whole![2]);
  });

  it('are not needed where sizes are known', async () => {
    const model = await optimized(residualNetwork([8, 12]));
    expect(nameEqualSizes(model)).toBe(model);
  });
});
