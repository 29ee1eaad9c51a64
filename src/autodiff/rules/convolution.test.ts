/** Convolutions against central differences: random strides, dilations, groups and paddings. */
import { describe, expect, it } from 'vitest';
import { random } from '../../../test/support/execute.js';
import { gradientError } from '../../../test/support/gradcheck.js';
import type { Dim } from '../../onnx/index.js';

/** Convolutions are linear in each input: differences are exact whatever the step, which fights rounding. */
const linear = { precision: 'float32', step: 0.5, tolerance: 1e-4 } as const;

interface Shape {
  readonly batch: number;
  readonly input: number;
  readonly output: number;
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly group: number;
}

interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** A convolution drawn by its seed: of one or two axes, every attribute at random, ends that do not come out even. */
function draw(seed: number): Shape & Window {
  const next = random(seed);
  const upTo = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const rank = seed % 3 === 0 ? 1 : 2;
  const times = (f: () => number, n = rank) => Array.from({ length: n }, f);
  const kind = seed % 4;
  const group = kind < 2 ? 1 : kind === 2 ? 2 : 3;
  const perGroup = kind === 3 ? 1 : upTo(1, 3);
  const multiplier = kind === 3 && next() < 0.5 ? 1 : upTo(1, 2);
  return {
    batch: upTo(1, 3),
    input: group * perGroup,
    output: group * multiplier,
    group,
    spatial: times(() => upTo(6, 9)),
    kernel: times(() => upTo(1, 3)),
    strides: times(() => upTo(1, 3)),
    dilations: times(() => upTo(1, 2)),
    pads: times(() => upTo(0, 3), 2 * rank),
  };
}

const drawn = Array.from({ length: 24 }, (_, i) => draw(i + 1));

const variables = (s: Shape, batch?: Dim) => ({
  x: {
    dims: [s.batch, s.input, ...s.spatial],
    ...(batch === undefined ? {} : { declared: [batch, s.input, ...s.spatial] }),
  },
  w: { dims: [s.output, s.input / s.group, ...s.kernel] },
  b: { dims: [s.output] },
});

describe('the gradient of Conv', () => {
  it.each(drawn)('%j', async (s) => {
    const { strides, dilations, pads, group } = s;
    for (const batch of [undefined, 'N']) {
      const error = await gradientError({
        variables: variables(s, batch),
        build: (g, { x, w, b }) => g.op('Conv', [x, w, b], { strides, dilations, pads, group }),
        ...linear,
      });
      expect(error).toBeLessThan(1);
    }
  });

  it.each([
    { auto_pad: 'SAME_UPPER', strides: [2, 3] },
    { auto_pad: 'SAME_LOWER', strides: [2, 3] },
    { auto_pad: 'SAME_UPPER', strides: [1, 1], group: 2 },
    { auto_pad: 'VALID', strides: [1, 2], dilations: [2, 1] },
  ])('%j', async (attributes) => {
    const s = {
      batch: 2,
      input: 2,
      output: 4,
      spatial: [8, 7],
      kernel: [3, 2],
      group: attributes.group ?? 1,
    };
    const error = await gradientError({
      variables: variables(s),
      build: (g, { x, w, b }) => g.op('Conv', [x, w, b], attributes),
      ...linear,
    });
    expect(error).toBeLessThan(1);
  });

  it('of channels enough for a product by tap', async () => {
    const s = { batch: 2, input: 17, output: 3, spatial: [5, 6], kernel: [3, 2], group: 1 };
    const error = await gradientError({
      variables: variables(s, 'N'),
      build: (g, { x, w, b }) => g.op('Conv', [x, w, b], { strides: [2, 1], pads: [1, 0, 1, 1] }),
      ...linear,
    });
    expect(error).toBeLessThan(1);
  });

  it('depthwise, of a batch known and open', async () => {
    for (const batch of [2, 'N']) {
      for (const strides of [
        [1, 1],
        [2, 2],
      ]) {
        const s = { batch: 2, input: 4, output: 4, spatial: [7, 6], kernel: [3, 3], group: 4 };
        const error = await gradientError({
          variables: variables(s, batch),
          build: (g, { x, w, b }) => g.op('Conv', [x, w, b], { strides, pads: [1, 1, 1, 1], group: 4 }),
          ...linear,
        });
        expect(error).toBeLessThan(1);
      }
    }
  });

  it('needs the sizes of its input', async () => {
    const build = gradientError({
      variables: {
        x: { dims: [1, 1, 5, 5], declared: ['N', 1, 'H', 'W'] },
        w: { dims: [1, 1, 3, 3] },
      },
      build: (g, { x, w }) => g.op('Conv', [x, w], {}, { name: 'open' }),
      ...linear,
    });
    await expect(build).rejects.toThrow(
      "The gradient of Conv 'open': the sizes of input 0 after batch and channels must be known, found [H, W]",
    );
  });
});

describe('the gradient of ConvTranspose', () => {
  it.each(drawn.slice(0, 16))('%j', async (s) => {
    const { strides, dilations, group } = s;
    const pads = s.pads.map((p) => Math.min(p, 1));
    const output_padding = strides.map((stride) => stride - 1);
    const error = await gradientError({
      variables: {
        x: { dims: [s.batch, s.output, ...s.spatial], declared: ['N', s.output, ...s.spatial] },
        w: { dims: [s.output, s.input / group, ...s.kernel] },
        b: { dims: [s.input] },
      },
      build: (g, { x, w, b }) =>
        g.op('ConvTranspose', [x, w, b], { strides, dilations, pads, group, output_padding }),
      ...linear,
    });
    expect(error).toBeLessThan(1);
  });

  it.each([
    { auto_pad: 'SAME_UPPER', strides: [2, 1] },
    { auto_pad: 'SAME_LOWER', strides: [2, 2] },
    { auto_pad: 'VALID', strides: [2, 2] },
    { output_shape: [10, 9], strides: [2, 2] },
  ])('%j', async (attributes) => {
    const error = await gradientError({
      variables: { x: { dims: [2, 2, 5, 4] }, w: { dims: [2, 3, 3, 4] } },
      build: (g, { x, w }) => g.op('ConvTranspose', [x, w], attributes),
      ...linear,
    });
    expect(error).toBeLessThan(1);
  });
});
