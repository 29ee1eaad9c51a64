/**
 * Whole training steps of small networks, lowered to blocked kernels with their state in blocks, against standard
 * operators: loss, every gradient, and the state after the step.
 */
import { describe, expect, it } from 'vitest';
import type { BenchNetwork } from '../bench/lib/networks.js';
import { sgdStep, trainable } from '../bench/lib/training-step.js';
import { carriedState, initialTensor, LEARNING_RATE, STEP } from '../src/autodiff/index.js';
import { type BlockSize, layoutsOf } from '../src/lowering/index.js';
import { float32, type Tensor, tensorValues, type Value } from '../src/onnx/index.js';
import { probeBlockSize } from '../src/runtime/probe.js';
import { compareLowerings } from './support/compare-lowerings.js';
import { noise } from './support/execute.js';

const available = await probeBlockSize();
if (available === undefined) console.log('This machine has no blocked kernels: they are only emulated here.');
const KERNELS: readonly (readonly ['native' | 'emulated', BlockSize])[] = [
  ...(available ? [['native', available] as const] : []),
  ['emulated', 8],
  ['emulated', 16],
];

const small = (name: string, build: BenchNetwork['build']): BenchNetwork => ({
  name,
  size: 16,
  batch: 6,
  rate: 0.01,
  classifier: 'head',
  build,
});

const networks: readonly BenchNetwork[] = [
  small('a ResNet with its stem and pooling', (l, images) => {
    let x = l.relu(l.norm(l.conv(images, 'conv', 16, 7, { stride: 2 }), 'norm'));
    x = l.maxPool(x, 3, { stride: 2, pad: 'half' });
    for (const [width, stride] of [
      [16, 1],
      [32, 2],
    ] as const) {
      x = l.scope(`block${stride}`, () => {
        const inner = l.relu(l.norm(l.conv(x, 'conv1', width, 3, { stride }), 'norm1'));
        const main = l.norm(l.conv(inner, 'conv2', width, 3), 'norm2');
        const shortcut = stride === 1 ? x : l.norm(l.conv(x, 'conv3', width, 1, { stride }), 'norm3');
        return l.relu(l.g.op('Add', [main, shortcut]));
      });
    }
    return l.globalPool(x);
  }),
  small('a network of depthwise convolutions', (l, images) => {
    let x = l.relu(l.norm(l.conv(images, 'conv', 16, 3, { stride: 2 }), 'norm'));
    for (const [to, stride] of [
      [32, 1],
      [48, 2],
    ] as const) {
      x = l.scope(`block${stride}`, () => {
        const each = l.relu(l.norm(l.depthwise(x, 'conv1', 3, { stride }), 'norm1'));
        return l.relu(l.norm(l.conv(each, 'conv2', to, 1), 'norm2'));
      });
    }
    return l.globalPool(x);
  }),
  small('a wide ResNet that normalises before it convolves', (l, images) => {
    let x = l.conv(images, 'conv', 16, 3);
    for (const [width, stride] of [
      [32, 1],
      [48, 2],
    ] as const) {
      x = l.scope(`block${stride}`, () => {
        const ready = l.relu(l.norm(x, 'norm1'));
        const inner = l.relu(l.norm(l.conv(ready, 'conv1', width, 3, { stride }), 'norm2'));
        const shortcut = l.conv(ready, 'conv3', width, 1, { stride });
        return l.g.op('Add', [l.conv(inner, 'conv2', width, 3), shortcut]);
      });
    }
    return l.globalPool(l.relu(l.norm(x, 'norm')));
  }),
  small('channels that blocks divide only in part', (l, images) => {
    const narrow = l.relu(l.norm(l.conv(images, 'conv1', 12, 3), 'norm1'));
    const wide = l.relu(l.norm(l.conv(narrow, 'conv2', 32, 3, { stride: 2 }), 'norm2'));
    const last = l.conv(l.conv(wide, 'conv3', 32, 3), 'conv4', 20, 1);
    return l.globalPool(l.relu(l.norm(last, 'norm3')));
  }),
  small('a mobile network whose channels fill no block, with squeeze and excitation', (l, images) => {
    const { g } = l;
    const swish = (x: Value) => g.op('HardSwish', [x]);
    let x = swish(l.norm(l.conv(images, 'conv', 16, 3, { stride: 2 }), 'norm'));
    for (const [to, stride] of [
      [24, 2],
      [24, 1],
    ] as const) {
      x = l.scope(`block${stride}`, () => {
        const wide = swish(l.norm(l.conv(x, 'conv1', 40, 1), 'norm1'));
        const each = swish(l.norm(l.depthwise(wide, 'conv2', 3, { stride }), 'norm2'));
        const squeezed = l.relu(l.conv(g.op('GlobalAveragePool', [each]), 'squeeze', 12, 1, { bias: true }));
        const gate = g.op('HardSigmoid', [l.conv(squeezed, 'excite', 40, 1, { bias: true })]);
        const made = l.norm(l.conv(g.op('Mul', [each, gate]), 'conv3', to, 1), 'norm3');
        return stride === 1 ? g.op('Add', [made, x]) : made;
      });
    }
    return l.globalPool(x);
  }),
];

/** Single precision through batch norm, over which a rounding spreads to all of a batch. */
const TOLERANCE = 2e-4;

describe.each(KERNELS)('a step on %s kernels in blocks of %i', (kernels, block) => {
  it.each(networks)('of $name equals one on standard operators', async (network) => {
    const graph = trainable(network, { classes: 5 });
    const { model, state } = sgdStep(graph);
    const [batch, classes] = graph.target as [number, number];
    const hot = Float32Array.from({ length: batch * classes }, (_, i) =>
      Number(i % classes === (Math.floor(i / classes) * 2) % classes),
    );
    const count = graph.images.reduce((a, b) => a * b, 1);
    const inputs: Tensor[] = [
      float32('images', graph.images, noise(count, 3)),
      float32('target', graph.target, hot),
      float32(LEARNING_RATE, [], Float32Array.of(network.rate)),
      float32(STEP, [], Float32Array.of(1)),
      // Momentum begins at zero, so that the next is the gradient.
      ...state.map(initialTensor).map((t) => {
        // Nothing where it began: behind a bias of 0 the next norm would undo any scale, whose gradient were 0.
        const values = tensorValues(t) as Float32Array;
        const noisy = /^(block\d\.)?norm.*(mean|bias)$/.test(t.name)
          ? noise(values.length, 7).map((v) => v / 4)
          : values;
        return float32(t.name, t.dims, noisy);
      }),
    ];
    const carried = carriedState(model, state);
    const { error, output, lowered } = await compareLowerings(model, inputs, block, kernels, carried);
    expect(error, output).toBeLessThan(TOLERANCE);
    const layouts = layoutsOf(lowered)!;
    expect(layouts.block).toBe(block);
    const held = [...layouts.byName.keys()];
    const isKernel = (name: string) => /^(block\d\.)?conv\d?\.weight$/.test(name);
    expect(held.some(isKernel)).toBe(true);
    // A weight, its moment, and what they become are in one order.
    for (const name of held.filter(isKernel)) {
      for (const other of [`next.${name}`, `momentum.${name}`, `next.momentum.${name}`]) {
        expect(layouts.byName.get(other)).toBe(layouts.byName.get(name));
      }
    }
  });
});
