/** The peak speed of this machine for matrix products, to which steps are compared. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphBuilder, type Model, writeModel } from '../../src/onnx/index.js';
import { probeBlockSize } from '../../src/runtime/probe.js';
import { seededRandom } from './random.js';

export interface Peak {
  /** Floating-point operations a second. */
  readonly flops: number;
  /** What reached it. */
  readonly of: string;
}

interface Candidate {
  readonly name: string;
  readonly model: Model;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly flops: number;
}

const SIDES = [1024, 2048, 3072];
/** A convolution that blocked kernels run without a remainder: images, channels in and out, pixels. */
const [IMAGES, CHANNELS, PIXELS] = [8, 128, 64];
/** Long enough to outlast short disturbances. */
const SECONDS = 1;

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

function matrices(side: number): Candidate {
  const g = new GraphBuilder({ name: 'peak' });
  const inputs = { a: [side, side], b: [side, side] };
  const [a, b] = Object.entries(inputs).map(([name, dims]) => g.input(name, 'float32', dims));
  g.output(g.op('MatMul', [a!, b!]), 'y');
  return { name: `matrices of ${side} × ${side}`, model: g.build(), inputs, flops: 2 * side ** 3 };
}

function convolution(): Candidate {
  const g = new GraphBuilder({ name: 'peak' });
  const inputs = { x: [IMAGES, CHANNELS, PIXELS, PIXELS], w: [CHANNELS, CHANNELS, 3, 3] };
  const [x, w] = Object.entries(inputs).map(([name, dims]) => g.input(name, 'float32', dims));
  const types = [{ dtype: 'float32' as const, shape: inputs.x }];
  const attributes = {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    group: 1,
  };
  const [y] = g.custom('com.microsoft.nchwc', 'Conv', 1, [x!, w!], { attributes, types });
  g.output(y!, 'y');
  const flops = 2 * product(inputs.x) * product(inputs.w.slice(1));
  return { name: `a blocked 3 × 3 convolution of ${CHANNELS} channels`, model: g.build(), inputs, flops };
}

/** The best of products of matrices of several sizes and, where there are blocked kernels, of a 3 × 3 convolution. */
export async function measurePeak(threads: number): Promise<Peak> {
  const candidates = SIDES.map(matrices);
  if ((await probeBlockSize()) !== undefined) candidates.push(convolution());
  const peaks: Peak[] = [];
  for (const one of candidates) peaks.push({ flops: await fastest(one, threads), of: one.name });
  return peaks.reduce((best, one) => (one.flops > best.flops ? one : best));
}

async function fastest({ model, inputs, flops }: Candidate, threads: number): Promise<number> {
  const session = await InferenceSession.create(writeModel(model), {
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
  });
  const random = seededRandom(2);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, dims]) => {
      const values = Float32Array.from({ length: product(dims) }, () => 2 * random() - 1);
      return [name, new Tensor('float32', values, dims)];
    }),
  );
  let best = Number.POSITIVE_INFINITY;
  const begin = performance.now();
  while (performance.now() - begin < 1e3 * SECONDS) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  await session.release();
  return flops / (best / 1e3);
}
