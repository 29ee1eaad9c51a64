/**
 * SSR-Net (Yang et al., IJCAI 2018: https://www.ijcai.org/proceedings/2018/150), a small network that estimates an age
 * from coarse to fine, as in its authors' Keras code.
 */
import { float32, type Value } from '../onnx/index.js';
import type { Layers } from './layers.js';
import type { Network } from './types.js';

/** Classes of each of the three stages. */
const CLASSES = 3;
const STAGES = [1, 2, 3] as const;
/** The years spanned by all stages together. */
const SPAN = 101;
/** The channels that a stage reads from each stream. */
const READ = 10;

const NORM = { epsilon: 1e-3, momentum: 0.99 };
const CONVOLUTION = { bias: true, pad: 'valid' } as const;

/** A stream's convolutions: two streams process the same picture with different activations and pooling. */
interface Stream {
  readonly name: 'x' | 's';
  readonly channels: number;
  readonly activation: 'Relu' | 'Tanh';
  readonly pool: (l: Layers, x: Value, size: number) => Value;
}

const STREAMS: readonly Stream[] = [
  { name: 'x', channels: 32, activation: 'Relu', pool: (l, x, size) => l.averagePool(x, size) },
  { name: 's', channels: 16, activation: 'Tanh', pool: (l, x, size) => l.maxPool(x, size) },
];

/**
 * The maps that stage k reads: those after the last convolution, and the pooled ones after the second and the first.
 */
const READS = [
  { after: 4, pool: 1 },
  { after: 2, pool: 4 },
  { after: 1, pool: 8 },
] as const;

export const SSR_NET: Network = {
  name: 'ssr-net',
  title: 'SSR-Net',
  source: 'https://www.ijcai.org/proceedings/2018/150',
  input: { width: 64, height: 64, color: 'BGR', mean: [0, 0, 0], scale: [1, 1, 1] },
  smallest: 38,
  classifier: 'age',
  build(l, images) {
    const streams = STREAMS.map((stream) => ({ stream, maps: mapsOf(l, images, stream) }));
    let [age, width]: [Value | undefined, Value | undefined] = [undefined, undefined];
    for (const k of STAGES) {
      const stage = l.scope(`stage${k}`, () => stageOf(l, streams, READS[k - 1]!));
      // The width of this stage's classes as a share of all years: the last stage's width, divided, then stretched or
      // shrunk.
      const divided = l.g.op('Mul', [plusOne(l, stage.shift), l.g.scalar(CLASSES)]);
      width = width ? l.g.op('Div', [width, divided]) : l.g.op('Reciprocal', [divided]);
      const part = l.g.op('Mul', [stage.place, width]);
      age = age ? l.g.op('Add', [age, part]) : part;
    }
    return { expectation: l.g.op('Mul', [age!, l.g.scalar(SPAN)]) };
  },
  published: { parameters: 40_915, statistics: true, heads: [], source: "the authors' Keras code" },
  keras: { layers: kerasLayers(), flattened: flattened() },
};

/** The maps after each convolution, all but the last pooled to half their size. */
function mapsOf(l: Layers, images: Value, { name, channels, activation, pool }: Stream): Value[] {
  const maps: Value[] = [];
  let x = images;
  for (let i = 1; i <= 4; i++) {
    const made = l.norm(l.conv(x, `${name}.conv${i}`, channels, 3, CONVOLUTION), `${name}.norm${i}`, NORM);
    const active = l.g.op(activation, [made]);
    x = i < 4 ? pool(l, active, 2) : active;
    maps.push(x);
  }
  return maps;
}

interface Stage {
  /** Σ (class + its shift) · its weight, `[N, 1]`, in widths of a class of this stage. */
  readonly place: Value;
  /** The relative change of the class width, `[N, 1]`, in −1..1. */
  readonly shift: Value;
}

/** Equations 4 to 8 of the paper; class weights are ReLUs, as in the code, although the paper has a softmax. */
function stageOf(
  l: Layers,
  streams: readonly { readonly stream: Stream; readonly maps: readonly Value[] }[],
  { after, pool }: (typeof READS)[number],
): Stage {
  const read = streams.map(({ stream, maps }) => {
    const made = l.relu(l.conv(maps[after - 1]!, `${stream.name}.conv`, READ, 1, { bias: true }));
    return l.flatten(pool === 1 ? made : stream.pool(l, made, pool));
  });
  const mixed = read.map((x, i) =>
    l.relu(l.dense(l.dropout(x, 0.2), `${streams[i]!.stream.name}.mix`, CLASSES)),
  );
  const shift = l.g.op('Tanh', [l.dense(l.g.op('Mul', read), 'delta', 1)]);
  const features = l.relu(l.dense(l.g.op('Mul', mixed), 'features', 2 * CLASSES));
  const weights = l.relu(l.dense(features, 'weights', CLASSES));
  const shifts = l.g.op('Tanh', [l.dense(features, 'shifts', CLASSES)]);
  const classes = l.g.constant(float32('', [1, CLASSES], [...Array(CLASSES).keys()]));
  const places = l.g.op('Mul', [weights, l.g.op('Add', [shifts, classes])]);
  return { place: l.g.op('ReduceSum', [places, l.g.ints([1])], { keepdims: 1 }), shift };
}

const plusOne = (l: Layers, x: Value): Value => l.g.op('Add', [x, l.g.scalar(1)]);

/** Keras numbers layers in the order in which the code creates them. */
function kerasLayers(): Record<string, string> {
  const layers: [string, string][] = [];
  STREAMS.forEach(({ name }, stream) => {
    for (let i = 1; i <= 4; i++) {
      const number = 4 * stream + i;
      layers.push([`${name}.conv${i}`, `conv2d_${number}`]);
      layers.push([`${name}.norm${i}`, `batch_normalization_${number}`]);
    }
  });
  for (const k of STAGES) {
    ['s', 'x'].forEach((name, i) => {
      layers.push([`stage${k}.${name}.conv`, `conv2d_${8 + 2 * (k - 1) + i + 1}`]);
      layers.push([`stage${k}.${name}.mix`, `dense_${3 * (k - 1) + i + 1}`]);
    });
    layers.push([`stage${k}.features`, `dense_${3 * k}`]);
    layers.push([`stage${k}.delta`, `delta_s${k}`]);
    layers.push([`stage${k}.weights`, `pred_age_stage${k}`]);
    layers.push([`stage${k}.shifts`, `local_delta_stage${k}`]);
  }
  return Object.fromEntries(layers);
}

/** The maps of pictures of 64 pixels. */
function flattened(): Record<string, readonly [number, number, number]> {
  return Object.fromEntries(
    STAGES.flatMap((k) => {
      const side = k === 1 ? 4 : 3;
      return ['s.mix', 'x.mix', 'delta'].map((name) => [`stage${k}.${name}`, [READ, side, side] as const]);
    }),
  );
}
