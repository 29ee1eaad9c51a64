import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainingStep } from '../autodiff/index.js';
import type { Target } from '../lowering/index.js';
import { float32, GraphBuilder, type Model, type Tensor, tensorValues } from '../onnx/index.js';
import { floatData, floatTensor, probeBlockSize } from '../runtime/index.js';
import {
  CheckpointError,
  loadCheckpoint,
  readSafetensors,
  StepRunner,
  saveCheckpoint,
  writeSafetensors,
} from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bits = (t: Tensor) => Array.from(new Uint32Array((tensorValues(t) as Float32Array).slice().buffer));

describe('safetensors', () => {
  const tensors = [
    float32('a', [2, 3], [1, -2, 3.5, 0, Number.NaN, 6]),
    float32('empty', [0], []),
    float32('s', [], [7]),
  ];

  it('gives back what it was given, to the bit', () => {
    const { tensors: read, metadata } = readSafetensors(writeSafetensors(tensors, { note: 'ä' }));
    expect(metadata).toEqual({ note: 'ä' });
    expect([...read.keys()]).toEqual(['a', 'empty', 's']);
    for (const t of tensors) {
      expect(read.get(t.name)!.dims).toEqual(t.dims);
      expect(bits(read.get(t.name)!)).toEqual(bits(t));
    }
  });

  it('is laid out as the format says', () => {
    const bytes = writeSafetensors([float32('w', [2], [1, 2])]);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
    expect(new DataView(bytes.buffer).getFloat32(8 + length + 4, true)).toBe(2);
    expect(bytes.length).toBe(8 + length + 8);
  });

  it('refuses a file that is cut off anywhere, in one sentence', () => {
    const bytes = writeSafetensors(tensors);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.slice(0, length))).toThrow(/header|needs \d+ bytes/);
    }
  });
});

describe('checkpoints', () => {
  it('keep state and progress, and leave no other file', async () => {
    const path = join(folder, 'kept', 'last.safetensors');
    const state = new Map([['w', float32('w', [1], [4])]]);
    await saveCheckpoint(path, { state, progress: { step: 1 } });
    await saveCheckpoint(path, { state, progress: { step: 2 } });
    const read = await loadCheckpoint<{ step: number }>(path);
    expect(read.progress).toEqual({ step: 2 });
    expect(bits(read.state.get('w')!)).toEqual(bits(state.get('w')!));
    expect(await readdir(join(folder, 'kept'))).toEqual(['last.safetensors']);
  });

  it('leave the last good one where the next cannot be written', async () => {
    const path = join(folder, 'good.safetensors');
    await saveCheckpoint(path, { state: new Map(), progress: 1 });
    const before = await readFile(path);
    const wrong = new Map([['w', { ...float32('w', [1], [1]), dtype: 'int32' as const }]]);
    await expect(saveCheckpoint(path, { state: wrong, progress: 2 })).rejects.toThrow(CheckpointError);
    expect(await readFile(path)).toEqual(before);
  });

  it('name a file that is missing or damaged', async () => {
    await expect(loadCheckpoint(join(folder, 'none'))).rejects.toThrow(/'.*none' cannot be read/);
    const path = join(folder, 'damaged');
    await writeFile(path, 'text that is no checkpoint');
    await expect(loadCheckpoint(path)).rejects.toThrow(CheckpointError);
  });
});

/** A convolution of 16 channels, batch norm, ReLU, pooling and a linear layer, under the squared error. */
function forward(): Model {
  let seed = 3;
  const random = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      return (seed / 2 ** 31 - 1) * scale;
    });
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [16, 3, 8, 8]);
  const y = g.input('y', 'float32', [16, 1]);
  const stem = g.parameter('stem', 'float32', [16, 3, 3, 3], random(432, 0.3));
  const deep = g.parameter('deep', 'float32', [16, 16, 3, 3], random(2304, 0.1));
  const linear = g.parameter('linear', 'float32', [16, 1], random(16, 0.5));
  const same = { pads: [1, 1, 1, 1] };
  const a = g.op('Relu', [g.op('Conv', [x, stem], same)]);
  const b = g.op('Relu', [g.op('Conv', [a, deep], same)]);
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [b])]);
  const difference = g.op('Sub', [g.op('MatMul', [pooled, linear]), y]);
  g.output(g.op('ReduceMean', [g.op('Mul', [difference, difference])], { keepdims: 0 }), 'loss');
  return g.build();
}

const step = () =>
  trainingStep(forward(), {
    loss: 'loss',
    groups: [{ parameters: ['stem', 'deep', 'linear'] }],
    optimizer: { kind: 'adamw', weightDecay: 0.01 },
  });

/** The batch of a step: it depends on the step's number alone. */
function batch(number: number) {
  const x = Float32Array.from({ length: 16 * 192 }, (_, i) => Math.sin(i * 0.37 + number));
  const y = Float32Array.from({ length: 16 }, (_, i) => Math.cos(i + number));
  return { x: floatTensor(x, [16, 3, 8, 8]), y: floatTensor(y, [16, 1]) };
}

async function losses(runner: StepRunner, from: number, to: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = from; n <= to; n++) {
    const { outputs } = await runner.update(batch(n), 0.01, n);
    found.push(floatData(outputs.loss!)[0]!);
  }
  return found;
}

describe('a run', async () => {
  const block = await probeBlockSize();
  const targets: [string, Target][] = [['standard operators', 'standard']];
  if (block !== undefined) targets.push([`blocks of ${block}`, { block }]);

  it.each(targets)('resumed from a checkpoint goes on to the bit, on %s', async (name, target) => {
    const whole = await StepRunner.create(step(), target, { threads: 1 });
    const expected = await losses(whole, 1, 8);

    const path = join(folder, `${name}.safetensors`);
    const first = await StepRunner.create(step(), target, { threads: 1 });
    await losses(first, 1, 4);
    await saveCheckpoint(path, { state: await first.getState(), progress: { step: 4 } });
    const second = await StepRunner.create(step(), target, { threads: 1 });
    const { state, progress } = await loadCheckpoint<{ step: number }>(path);
    second.setState(state);
    expect(await losses(second, progress.step + 1, 8)).toEqual(expected.slice(4));
    expect(new Set(expected).size).toBe(8);
    await Promise.all([whole, first, second].map((r) => r.dispose()));
  });

  it.skipIf(block === undefined)('started on blocked kernels goes on with standard operators', async () => {
    const [blocked, plain] = [
      await StepRunner.create(step(), { block: block! }),
      await StepRunner.create(step(), 'standard'),
    ];
    await losses(blocked, 1, 3);
    plain.setState(await blocked.getState());
    const [a, b] = [await losses(blocked, 4, 8), await losses(plain, 4, 8)];
    a.forEach((loss, i) => {
      expect(Math.abs(loss - b[i]!)).toBeLessThan(1e-3 * loss);
    });
    await Promise.all([blocked.dispose(), plain.dispose()]);
  });

  it('names what a state of another network lacks', async () => {
    const runner = await StepRunner.create(step(), 'standard');
    expect(() => runner.setState(new Map())).toThrow(
      /expected to have 'stem' of shape \[16, 3, 3, 3\], found none/,
    );
    await runner.dispose();
  });
});
