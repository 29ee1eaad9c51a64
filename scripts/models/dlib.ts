/**
 * dlib's face ResNet (29 convolutions; D. E. King, dlib-models, dlib_face_recognition_resnet_model_v1, in the public
 * domain), which `@vladmandic/face-api` carries in 8 bits.
 *
 * Input `image` [N, 3, 150, 150]: (RGB − (122.782, 117.001, 104.298)) / 255 for values in 0..255. Output `descriptor`
 * [N, 128]; two faces of one person are less than 0.6 apart. The value `features` [N, 256] inside the graph is the pooled
 * backbone, for cutting.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NETWORK_INPUT_KEY, type NetworkInput } from '../../src/metadata/index.js';
import { GraphBuilder, type Model, type Value } from '../../src/onnx/index.js';
import { sha256 } from './source.js';

const MANIFEST = 'face_recognition_model-weights_manifest.json';
const MANIFEST_SHA256 = 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b';
const WEIGHTS = 'face_recognition_model.bin';
const WEIGHTS_SHA256 = 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589';

const SIDE = 150;
const INPUT: NetworkInput = {
  width: SIDE,
  height: SIDE,
  color: 'RGB',
  mean: [122.782, 117.001, 104.298],
  scale: [1 / 255, 1 / 255, 1 / 255],
};

/** Weights as face-api's manifest lists them, by their names. */
type WeightMap = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float64Array }>;

/** The network, each convolution's scale folded into its weights, in float32. */
export async function buildDlib(): Promise<Model> {
  const weights = await readWeights();
  const g = new GraphBuilder({ name: 'dlib-face-resnet' });
  const image = g.input('image', 'float32', ['N', 3, SIDE, SIDE]);
  const stem = g.op('Relu', [scaledConv(g, weights, image, 'conv32_down', 2)]);
  let x = g.op('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2] });
  for (const name of ['conv32_1', 'conv32_2', 'conv32_3']) x = residual(g, weights, x, name);
  x = residualDown(g, weights, x, 'conv64_down');
  for (const name of ['conv64_1', 'conv64_2', 'conv64_3']) x = residual(g, weights, x, name);
  x = residualDown(g, weights, x, 'conv128_down');
  for (const name of ['conv128_1', 'conv128_2']) x = residual(g, weights, x, name);
  x = residualDown(g, weights, x, 'conv256_down');
  for (const name of ['conv256_1', 'conv256_2']) x = residual(g, weights, x, name);
  x = residualDown(g, weights, x, 'conv256_down_out');
  const features = g.op('Flatten', [g.op('GlobalAveragePool', [x])], {}, { name: 'features' });
  const { shape, values } = weights.get('fc')!;
  g.output(g.op('MatMul', [features, g.parameter('fc', 'float32', shape, values)]), 'descriptor');
  return g.build({ metadata: { [NETWORK_INPUT_KEY]: JSON.stringify(INPUT) } });
}

function residual(g: GraphBuilder, weights: WeightMap, x: Value, name: string): Value {
  const inner = g.op('Relu', [scaledConv(g, weights, x, `${name}/conv1`)]);
  return g.op('Relu', [g.op('Add', [scaledConv(g, weights, inner, `${name}/conv2`), x])]);
}

/** Half as large: the way past the convolutions is pooled, and zeros stand for the channels and pixels that one lacks. */
function residualDown(g: GraphBuilder, weights: WeightMap, x: Value, name: string): Value {
  const inner = g.op('Relu', [scaledConv(g, weights, x, `${name}/conv1`, 2)]);
  const maps = scaledConv(g, weights, inner, `${name}/conv2`);
  const pooled = g.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const missing = (of: Value, other: Value) =>
    [1, 2, 3].map((axis) => Math.max(0, other.size(axis) - of.size(axis)));
  return g.op('Relu', [
    g.op('Add', [padded(g, pooled, missing(pooled, maps)), padded(g, maps, missing(maps, pooled))]),
  ]);
}

const padded = (g: GraphBuilder, x: Value, after: readonly number[]): Value =>
  after.every((n) => n === 0) ? x : g.op('Pad', [x, g.ints([0, 0, 0, 0, 0, ...after])]);

/** scale · (W * x + b) + shift as one convolution; of stride 2 without padding. */
function scaledConv(g: GraphBuilder, weights: WeightMap, x: Value, name: string, stride = 1): Value {
  const [filters, bias, scale, shift] = ['conv/filters', 'conv/bias', 'scale/weights', 'scale/biases'].map(
    (part) => weights.get(`${name}/${part}`)!,
  ) as [Filters, Filters, Filters, Filters];
  const [height, width, inputs, outputs] = filters.shape as [number, number, number, number];
  const pixels = height * width;
  // From HWIO to OIHW.
  const kernel = Float32Array.from({ length: filters.values.length }, (_, i) => {
    const [pixel, input, output] = [
      i % pixels,
      Math.floor(i / pixels) % inputs,
      Math.floor(i / pixels / inputs),
    ];
    return scale.values[output]! * filters.values[(pixel * inputs + input) * outputs + output]!;
  });
  const shifts = scale.values.map((s, c) => s * bias.values[c]! + shift.values[c]!);
  return g.scope(name.replace('/', '.'), () =>
    g.op(
      'Conv',
      [
        x,
        g.parameter('weight', 'float32', [outputs, inputs, height, width], kernel),
        g.parameter('bias', 'float32', [outputs], shifts),
      ],
      { strides: [stride, stride], pads: new Array<number>(4).fill(stride === 1 ? (height - 1) / 2 : 0) },
    ),
  );
}

type Filters = NonNullable<ReturnType<WeightMap['get']>>;

interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** value = minimum + scale · byte; float32 if it is left out. */
  readonly quantization?: { readonly dtype: 'uint8'; readonly scale: number; readonly min: number };
}

/** https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/io_utils.ts, decodeWeights */
async function readWeights(): Promise<WeightMap> {
  const manifest = new TextDecoder().decode(await file(MANIFEST, MANIFEST_SHA256));
  const bytes = await file(WEIGHTS, WEIGHTS_SHA256);
  const entries = (JSON.parse(manifest) as readonly { readonly weights: readonly ManifestEntry[] }[]).flatMap(
    (group) => group.weights,
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  return new Map(
    entries.map(({ name, shape, quantization }) => {
      const values = new Float64Array(shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < values.length; i++) {
        if (quantization) values[i] = quantization.min + quantization.scale * view.getUint8(at + i);
        else values[i] = view.getFloat32(at + 4 * i, true);
      }
      at += quantization ? values.length : 4 * values.length;
      return [name, { shape, values }];
    }),
  );
}

/** A file of face-api's models, as it is installed. */
async function file(name: string, expected: string): Promise<Uint8Array> {
  const installed = createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json');
  const bytes = await readFile(join(dirname(installed), 'model', name));
  const found = sha256(bytes);
  if (found === expected) return bytes;
  throw new Error(`${name} of @vladmandic/face-api must have the SHA-256 ${expected}, found ${found}`);
}
