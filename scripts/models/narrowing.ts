/**
 * Narrower convolutional networks: a layer's most useful channels are kept, and its weights are refitted by least squares to
 * the outputs of the whole layer, layer after layer (He, Zhang and Sun, Channel Pruning for
 * Accelerating Very Deep Neural Networks, ICCV 2017, section 3.1). It is for chains of convolutions in which each reads
 * the one before, depthwise ones included, such as MobileNet v1.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import {
  attribute,
  cut,
  float32,
  float32Values,
  intAttribute,
  type Model,
  type Node,
  removeUnused,
  writeModel,
} from '../../src/onnx/index.js';
import { floatData, type Tensor } from '../../src/runtime/index.js';
import { createSession } from '../../src/runtime/node.js';

/** The number of channels that CPU kernels process together. */
const MULTIPLE = 16;
/** Positions of maps that a fit looks at, at most. */
const SAMPLES = 3000;
/** The ridge penalty, as a share of the mean square of a layer's inputs, for weights that the pictures do not determine. */
const RIDGE = 1e-3;

export interface Narrowed {
  readonly model: Model;
  /** Of each layer that mixes channels. */
  readonly channels: readonly number[];
  /** The share of each product's variance that the fitted weights do not explain, 0..1. */
  readonly errors: readonly number[];
}

/** A convolution that mixes channels, and the depthwise one that follows it. */
interface Layer {
  readonly mixing: Node;
  readonly depthwise: Node | undefined;
}

/**
 * @param network ends in features `[N, F]`, the means of its last maps
 * @param images `[N, 3, H, W]`
 * @param share of the channels of each layer that stay, 0..1
 * @throws Error if the network is not such a chain.
 */
export async function narrow(
  {
    model,
    images: input,
    features,
  }: { readonly model: Model; readonly images: string; readonly features: string },
  images: Tensor,
  share: number,
): Promise<Narrowed> {
  const layers = layersOf(model);
  const original = await valuesOf(
    model,
    input,
    images,
    layers.flatMap(({ mixing, depthwise }) => [mixing.outputs[0]!, (depthwise ?? mixing).outputs[0]!]),
  );
  let current = model;
  let kept: readonly number[] | undefined;
  const channels: number[] = [];
  const errors: number[] = [];
  for (const [i, { mixing, depthwise }] of layers.entries()) {
    const next = layers[i + 1];
    const target = original.get(mixing.outputs[0]!)!;
    const read = original.get((depthwise ?? mixing).outputs[0]!)!;
    const chosen = mostUseful(read, next && weightOf(model, next.mixing), share);
    if (kept === undefined) current = withKept(current, mixing, chosen);
    else {
      const before = await valuesOf(current, input, images, [mixing.inputs[0]!]);
      const fit = fitted(before.get(mixing.inputs[0]!)!, target, chosen);
      errors.push(fit.left);
      current = withWeights(current, mixing, fit.weight, fit.bias, [chosen.length, kept.length, 1, 1]);
    }
    if (depthwise) current = withKept(current, depthwise, chosen);
    // The next layer reads fewer channels; until it is refitted, it keeps their old weights.
    if (next) current = withInputs(current, next.mixing, chosen);
    channels.push(chosen.length);
    kept = chosen;
  }
  return { model: removeUnused(cut(current, { outputs: [features] })), channels, errors };
}

function layersOf({ graph }: Model): Layer[] {
  const convolutions = graph.nodes.filter(({ op }) => op === 'Conv');
  const layers: { mixing: Node; depthwise: Node | undefined }[] = [];
  for (const [i, conv] of convolutions.entries()) {
    const [outputs, inputs, height, width] = graph.initializers.get(conv.inputs[1]!)!.dims as number[];
    const groups = intAttribute(conv, 'group', 1);
    if (groups === 1 && (i === 0 || (height === 1 && width === 1))) {
      layers.push({ mixing: conv, depthwise: undefined });
    } else if (inputs === 1 && groups === outputs && layers.at(-1)?.depthwise === undefined && i > 0) {
      layers.at(-1)!.depthwise = conv;
    } else {
      throw new Error(
        `Convolution '${conv.name}': expected one of 1×1 or a depthwise one after it, found ${outputs}×${inputs}×${height}×${width} in ${groups} groups`,
      );
    }
    if (conv.inputs.length < 3) throw new Error(`Convolution '${conv.name}': expected a bias, found none`);
  }
  return layers;
}

interface Maps {
  readonly values: Float32Array;
  readonly dims: readonly [count: number, channels: number, positions: number];
}

/** The values of some tensors for the images. */
async function valuesOf(
  model: Model,
  input: string,
  images: Tensor,
  names: readonly string[],
): Promise<Map<string, Maps>> {
  const session = await createSession(writeModel(cut(model, { outputs: [...new Set(names)] })), 'narrowing');
  try {
    const outputs = await session.run({ [input]: images }, [...new Set(names)]);
    return new Map(
      Object.entries(outputs).map(([name, value]) => {
        const [count, channels, height, width] = value.dims as [number, number, number, number];
        return [name, { values: floatData(value), dims: [count, channels, height * width] }];
      }),
    );
  } finally {
    await session.dispose();
  }
}

const weightOf = ({ graph }: Model, conv: Node) => graph.initializers.get(conv.inputs[1]!)!;

/**
 * The channels most important for the next layer: one after another, the one with the most variance not explained by those
 * before it (Cholesky factorization with pivoting), each channel scaled by the weights that read it.
 */
function mostUseful(
  maps: Maps,
  reader: { readonly dims: readonly number[] } | undefined,
  share: number,
): number[] {
  const channels = maps.dims[1];
  const weights = reader && float32Values(reader as Parameters<typeof float32Values>[0]);
  const scales = Float64Array.from({ length: channels }, (_, c) => {
    let squares = weights ? 0 : 1;
    for (let at = c; weights && at < weights.length; at += channels) squares += weights[at]! ** 2;
    return Math.sqrt(squares);
  });
  const seen = sampled(maps);
  const centred = seen.center('column', {}).mulRowVector(Array.from(scales));
  const covariance = centred.transpose().mmul(centred);
  const left = Float64Array.from(covariance.diagonal());
  const number = Math.min(channels, Math.max(MULTIPLE, Math.round((share * channels) / MULTIPLE) * MULTIPLE));
  const chosen: number[] = [];
  const factors: Float64Array[] = [];
  while (chosen.length < number) {
    let best = -1;
    for (let c = 0; c < channels; c++) {
      if (!chosen.includes(c) && (best < 0 || left[c]! > left[best]!)) best = c;
    }
    const root = Math.sqrt(Math.max(left[best]!, Number.MIN_VALUE));
    const factor = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      let value = covariance.get(c, best);
      for (const before of factors) value -= before[c]! * before[best]!;
      factor[c] = value / root;
      left[c]! -= factor[c]! ** 2;
    }
    chosen.push(best);
    factors.push(factor);
  }
  return chosen.sort((a, b) => a - b);
}

/** The channels at some positions of the maps, `[positions, channels]`. */
function sampled({ values, dims: [count, channels, positions] }: Maps): Matrix {
  const all = count * positions;
  const stride = Math.max(1, Math.floor(all / SAMPLES));
  const found = new Matrix(Math.floor(all / stride), channels);
  for (let row = 0; row < found.rows; row++) {
    const at = row * stride;
    const start = Math.floor(at / positions) * channels * positions + (at % positions);
    for (let c = 0; c < channels; c++) found.set(row, c, values[start + c * positions]!);
  }
  return found;
}

/** The weights and bias with which the remaining channels best reproduce the outputs of all. */
function fitted(from: Maps, to: Maps, chosen: readonly number[]) {
  const inputs = from.dims[1];
  const x = sampled(from);
  x.addColumn(inputs, new Array<number>(x.rows).fill(1));
  const y = sampled(to).subMatrixColumn([...chosen]);
  const squares = x.transpose().mmul(x);
  const ridge = (RIDGE * squares.trace()) / (inputs + 1);
  for (let c = 0; c < inputs; c++) squares.set(c, c, squares.get(c, c) + ridge);
  const solved = new CholeskyDecomposition(squares).solve(x.transpose().mmul(y));
  const residual = Matrix.sub(y, x.mmul(solved));
  const means = y.mean('column');
  const spread = Matrix.sub(y, Matrix.ones(y.rows, 1).mmul(Matrix.rowVector(means)));
  const weight = new Float32Array(chosen.length * inputs);
  for (let k = 0; k < chosen.length; k++) {
    for (let c = 0; c < inputs; c++) weight[k * inputs + c] = solved.get(c, k);
  }
  const left = residual.norm('frobenius') ** 2 / spread.norm('frobenius') ** 2;
  return { weight, bias: Float32Array.from(solved.getRow(inputs)), left };
}

/** The model with other weights of a convolution. */
function withWeights(
  model: Model,
  conv: Node,
  weight: Float32Array,
  bias: Float32Array,
  dims: readonly number[],
): Model {
  const [, weightName, biasName] = conv.inputs as [string, string, string];
  const initializers = new Map(model.graph.initializers)
    .set(weightName, float32(weightName, dims, weight))
    .set(biasName, float32(biasName, [dims[0]!], bias));
  return { ...model, graph: { ...model.graph, initializers } };
}

/** A convolution that makes some of its channels; a depthwise one has as many groups. */
function withKept(model: Model, conv: Node, kept: readonly number[]): Model {
  const { graph } = model;
  const weight = weightOf(model, conv);
  const values = float32Values(weight);
  const size = values.length / weight.dims[0]!;
  const bias = float32Values(graph.initializers.get(conv.inputs[2]!)!);
  const chosen = new Float32Array(kept.length * size);
  kept.forEach((c, k) => {
    chosen.set(values.subarray(c * size, (c + 1) * size), k * size);
  });
  const made = withWeights(
    model,
    conv,
    chosen,
    Float32Array.from(kept, (c) => bias[c]!),
    [kept.length, ...weight.dims.slice(1)],
  );
  if (intAttribute(conv, 'group', 1) === 1) return made;
  const attributes = new Map(conv.attributes).set('group', attribute(kept.length));
  const nodes = made.graph.nodes.map((n) => (n.outputs[0] === conv.outputs[0] ? { ...n, attributes } : n));
  return { ...made, graph: { ...made.graph, nodes } };
}

/** A 1×1 convolution that reads only some channels. */
function withInputs(model: Model, conv: Node, kept: readonly number[]): Model {
  const weight = weightOf(model, conv);
  const values = float32Values(weight);
  const [outputs, inputs] = weight.dims as [number, number];
  const chosen = new Float32Array(outputs * kept.length);
  for (let o = 0; o < outputs; o++) {
    kept.forEach((c, k) => {
      chosen[o * kept.length + k] = values[o * inputs + c]!;
    });
  }
  const bias = float32Values(model.graph.initializers.get(conv.inputs[2]!)!);
  return withWeights(model, conv, chosen, Float32Array.from(bias), [outputs, kept.length, 1, 1]);
}
