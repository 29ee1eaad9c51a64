/** A narrower copy of a network: scripts/models/narrowing.ts. */
import { expect, it } from 'vitest';
import { narrow } from '../scripts/models/narrowing.js';
import { GraphBuilder, type Model, type Value, writeModel } from '../src/onnx/index.js';
import { Random } from '../src/random/index.js';
import { floatData, floatTensor } from '../src/runtime/index.js';
import { createSession } from '../src/runtime/node.js';

const FACES = 24;
const SIDE = 8;
/** Channels of each layer, of which the second half is a copy of the first. */
const CHANNELS = 32;

const random = new Random(5);
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());

/** Every row of `size` twice: first all, then all again. */
const twice = (values: Float32Array): Float32Array => Float32Array.from([...values, ...values]);

/** A mixing convolution, a depthwise one and another mixing one, each with ReLU, whose channels come in pairs. */
function network(paired: boolean): Model {
  const g = new GraphBuilder();
  const half = CHANNELS / 2;
  const pairs = (size: number) => (paired ? twice(numbers(half * size)) : numbers(CHANNELS * size));
  const conv = (x: Value, name: string, inputs: number, kernel: number, group = 1) =>
    g.op('Relu', [
      g.op(
        'Conv',
        [
          x,
          g.parameter(
            `${name}.weight`,
            'float32',
            [CHANNELS, inputs, kernel, kernel],
            pairs(inputs * kernel ** 2),
          ),
          g.parameter(`${name}.bias`, 'float32', [CHANNELS], pairs(1)),
        ],
        { pads: new Array<number>(4).fill((kernel - 1) / 2), group },
        { name },
      ),
    ]);
  const images = g.input('images', 'float32', ['N', 3, SIDE, SIDE]);
  const maps = conv(conv(conv(images, 'first', 3, 3), 'depthwise', 1, 3, CHANNELS), 'second', CHANNELS, 1);
  g.output(g.op('Flatten', [g.op('GlobalAveragePool', [maps])], {}, { name: 'features' }));
  return g.build();
}

const images = floatTensor(numbers(FACES * 3 * SIDE * SIDE), [FACES, 3, SIDE, SIDE]);

async function featuresOf(model: Model): Promise<Float32Array> {
  const session = await createSession(writeModel(model), 'network');
  const outputs = await session.run({ images }, ['features']);
  await session.dispose();
  return floatData(outputs.features!);
}

const narrowed = (model: Model, share: number) =>
  narrow({ model, images: 'images', features: 'features' }, images, share);

it('gives the outputs of the whole network if half of its channels duplicate the others', async () => {
  const model = network(true);
  const whole = await featuresOf(model);
  const { model: half, channels, errors } = await narrowed(model, 0.5);
  expect(channels).toEqual([16, 16]);
  expect(errors[0]).toBeLessThan(1e-4);
  const found = await featuresOf(half);
  expect(found).toHaveLength(FACES * 16);
  // Which channel of a pair stays is open; the features of the pair are the same.
  found.forEach((value, i) => {
    const face = Math.floor(i / 16);
    const distances = whole
      .subarray(face * CHANNELS, (face + 1) * CHANNELS)
      .map((expected) => Math.abs(value - expected) / (1 + Math.abs(expected)));
    expect(Math.min(...distances)).toBeLessThan(0.01);
  });
});

it('changes nothing if all channels stay, and loses accuracy with half of them', async () => {
  const model = network(false);
  const all = await narrowed(model, 1);
  expect(all.channels).toEqual([CHANNELS, CHANNELS]);
  const [whole, found] = [await featuresOf(model), await featuresOf(all.model)];
  whole.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThan(0.02 * (1 + Math.abs(value)));
  });
  const { errors } = await narrowed(model, 0.5);
  expect(errors[0]).toBeGreaterThan(0.01);
  expect(errors[0]).toBeLessThan(1);
});

it('refuses a network that is not a chain of such layers, and names the convolution', async () => {
  const g = new GraphBuilder();
  const x = g.input('images', 'float32', ['N', 3, SIDE, SIDE]);
  const weight = (name: string, dims: number[]) =>
    g.parameter(name, 'float32', dims, numbers(dims.reduce((a, b) => a * b, 1)));
  const first = g.op('Conv', [x, weight('a', [16, 3, 1, 1]), weight('b', [16])], {}, { name: 'first' });
  const second = g.op(
    'Conv',
    [first, weight('c', [16, 16, 3, 3]), weight('d', [16])],
    {},
    { name: 'second' },
  );
  g.output(g.op('Flatten', [g.op('GlobalAveragePool', [second])], {}, { name: 'features' }));
  await expect(narrowed(g.build(), 0.5)).rejects.toThrow(
    /^Convolution '.*second.*': expected one of 1×1 or a depthwise one after it, found 16×16×3×3 in 1 groups$/,
  );
});
