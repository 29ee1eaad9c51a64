/**
 * 8-bit quantization in ONNX Runtime's QDQ form: floating-point operators between DequantizeLinear and QuantizeLinear,
 * which it replaces by integer kernels when it loads the model.
 * https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
 */
import { float } from '../../attributes.js';
import type { Model, Node } from '../../graph.js';
import { Names } from '../../names.js';
import { node } from '../../node.js';
import { opsetOf } from '../../opsets.js';
import { elementCount, type NumericType, tensor } from '../../tensor.js';
import { prune } from '../../traverse.js';
import { Additions } from '../additions.js';
import { refreshTypes } from '../types.js';
import { type Layer, type Plan, planQuantization } from './plan.js';
import {
  type ActivationScale,
  activationScale,
  type ObservedRange,
  quantizeWeights,
  representable,
  type ValueRange,
} from './scales.js';

/** The first opset with per-channel scales. */
const FIRST_OPSET = 13;

/** The values whose ranges `quantize` needs, in order of computation. */
export function activationsToCalibrate(model: Model): string[] {
  const ranges = new Set([...planQuantization(model).values.values()].map(({ range }) => range));
  const order = [...model.graph.inputs.map((i) => i.name), ...model.graph.nodes.flatMap((n) => n.outputs)];
  return order.filter((name) => ranges.has(name));
}

/**
 * The model in 8 bits: weights of Conv, Gemm and MatMul as int8 with a scale for each output channel, their inputs as
 * uint8 with one scale, biases as int32. Nodes for which ONNX Runtime has no integer kernel, and matrix products that
 * feed them, stay in floating point. Inputs, outputs and their types are the same.
 * @param ranges of the values that `activationsToCalibrate` names; if they have means, biases compensate for the effect of rounding weights on the mean of a layer's output
 * @throws RangeError if a range is missing or invalid, or for an opset below 13.
 */
export function quantize(model: Model, ranges: ReadonlyMap<string, ObservedRange>): Model {
  const opset = opsetOf(model);
  if (opset < FIRST_OPSET) {
    throw new RangeError(
      `Models are quantized from version ${FIRST_OPSET} of ONNX's operators on; graph '${model.graph.name}' is of ${opset}`,
    );
  }
  const plan = planQuantization(model);
  const scales = scalesOf(plan, ranges);
  const meanOf = (value: string) => ranges.get(plan.values.get(value)!.mean ?? '')?.mean;
  const writer = new Writer(model);
  const activations = new Map([...plan.tails.values()].map((tail) => [tail.activation?.node, tail]));
  const made = new Set([...plan.tails.values()].map((tail) => tail.value));
  // The quantized copies that integer nodes read instead of the values that floating-point nodes read.
  const instead = new Map<string, string>();
  const quantizeInto = (value: string, from: string, to: string) =>
    writer.addPair(value, scales.get(value)!, from, to);
  const quantizeRead = (value: string) => {
    if (!scales.has(value) || made.has(value)) return;
    const name = writer.claim(`${value}.dequantized`);
    instead.set(value, name);
    quantizeInto(value, value, name);
  };

  for (const input of model.graph.inputs) quantizeRead(input.name);
  for (const n of model.graph.nodes) {
    const layer = plan.layers.get(n);
    const tail = plan.tails.get(n);
    const behind = activations.get(n);
    if (behind !== undefined) {
      // A Relu or Clip that saturation replaces has already been removed.
      if (saturates(scales.get(behind.value)!, behind.activation!.bounds)) continue;
      const float = writer.claim(`${behind.value}.float`);
      writer.add({ ...n, outputs: [float] });
      quantizeInto(behind.value, float, behind.value);
      continue;
    }
    const inputs = n.inputs.map((name) => (layer || tail ? (instead.get(name) ?? name) : name));
    const implied = tail?.activation && saturates(scales.get(tail.value)!, tail.activation.bounds);
    const ends = tail !== undefined && (tail.activation === undefined || implied === true);
    const outputs = ends ? [writer.claim(`${tail.value}.float`)] : n.outputs;
    const written = { ...n, inputs, outputs };
    writer.add(
      layer
        ? writer.inIntegers(written, layer, scales.get(n.inputs[0]!)!.scale, meanOf(n.inputs[0]!))
        : written,
    );
    if (ends) quantizeInto(tail.value, outputs[0]!, tail.value);
    else for (const name of n.outputs) quantizeRead(name);
  }
  return writer.model();
}

function scalesOf(plan: Plan, ranges: ReadonlyMap<string, ObservedRange>): Map<string, ActivationScale> {
  return new Map(
    [...plan.values].map(([value, { range: of }]) => {
      const range = ranges.get(of);
      if (range === undefined) throw new RangeError(`The range of value '${of}' is missing`);
      try {
        return [value, activationScale(range)];
      } catch (error) {
        throw new RangeError(`Value '${of}': ${(error as Error).message}`);
      }
    }),
  );
}

/** How far beyond a bound float32 rounding may place the end of a range clipped there. */
const ROUNDING = 1e-6;

/** Whether all numbers represented by the integers lie within the bounds. */
function saturates(scale: ActivationScale, { low, high }: ValueRange): boolean {
  const range = representable(scale);
  return range.low >= low && range.high <= high + ROUNDING * Math.abs(high);
}

/** The mean of the input of each weight of a layer, by the weight's index. */
function inputMeans(
  { weights, axis, groups }: Layer,
  mean: ArrayLike<number> | undefined,
): ((i: number) => number) | undefined {
  const [outputs, inputs, ...kernel] = axis === 0 ? weights.dims : [weights.dims[1]!, weights.dims[0]!];
  // A value without a channel axis, such as a flattened one, has means of something else.
  if (mean?.length !== inputs! * groups) return undefined;
  if (axis === 1) return (i) => mean[Math.floor(i / outputs!)]!;
  const taps = elementCount(kernel);
  const perGroup = outputs! / groups;
  return (i) => {
    const output = Math.floor(i / (inputs! * taps));
    return mean[Math.floor(output / perGroup) * inputs! + (Math.floor(i / taps) % inputs!)]!;
  };
}

/** Gathers the nodes and constants of the result. */
class Writer {
  private readonly nodes: Node[] = [];
  private readonly additions: Additions;
  private readonly nodeNames: Names;

  constructor(private readonly given: Model) {
    this.additions = new Additions(given.graph);
    this.nodeNames = new Names(given.graph.nodes.map((n) => n.name));
  }

  claim(name: string): string {
    return this.additions.names.claim(name);
  }

  add(n: Node): void {
    this.nodes.push(n);
  }

  /** Quantizes `from` with the scale of `value`, and dequantizes it as `to`. */
  addPair(value: string, { scale, zeroPoint }: ActivationScale, from: string, to: string): void {
    const integers = this.claim(`${value}.quantized`);
    const by = [
      this.constant(`${value}.scale`, 'float32', [], [scale]),
      this.constant(`${value}.zero`, 'uint8', [], [zeroPoint]),
    ];
    this.add(this.named(node('QuantizeLinear', [from, ...by], [integers])));
    this.add(this.named(node('DequantizeLinear', [integers, ...by], [to])));
  }

  /** The layer with weights and bias in integers, behind DequantizeLinear. */
  inIntegers(n: Node, layer: Layer, inputScale: number, mean: ArrayLike<number> | undefined): Node {
    const { weights, axis, depthwise } = layer;
    const [input, weight, addend] = n.inputs as [string, string, string?];
    const q = quantizeWeights(weights, {
      axis,
      paired: !depthwise,
      bias: layer.bias,
      inputScale,
      inputMean: n.op === 'MatMul' ? undefined : inputMeans(layer, mean),
    });
    const channels = q.scales.length;
    const scale = this.constant(`${weight}.scale`, 'float32', [channels], q.scales);
    const zero = this.constant(`${weight}.zero`, 'int8', [channels], new Int8Array(channels));
    const inputs = [
      input,
      this.dequantized(
        weight,
        this.constant(`${weight}.int8`, 'int8', weights.dims, q.values),
        [scale, zero],
        axis,
      ),
    ];
    if (q.bias !== undefined) {
      const name = addend || `${weight}.bias`;
      const biasScale = this.constant(
        `${name}.scale`,
        'float32',
        [channels],
        q.scales.map((s) => s * inputScale),
      );
      inputs.push(
        this.dequantized(name, this.constant(`${name}.int32`, 'int32', [channels], q.bias), [biasScale], 0),
      );
    }
    const attributes = new Map(n.attributes);
    if (attributes.has('beta')) attributes.set('beta', float(1));
    return { ...n, inputs, attributes };
  }

  model(): Model {
    const { graph } = this.given;
    const written = { ...graph, nodes: this.nodes, initializers: this.additions.initializers };
    return refreshTypes({ ...this.given, graph: prune(written) });
  }

  private dequantized(like: string, integers: string, by: readonly string[], axis: number): string {
    const output = this.claim(`${like}.dequantized`);
    this.add(this.named(node('DequantizeLinear', [integers, ...by], [output], { axis })));
    return output;
  }

  private constant(
    like: string,
    dtype: NumericType,
    dims: readonly number[],
    values: ArrayLike<number>,
  ): string {
    return this.additions.constant(tensor(like, dtype, dims, values));
  }

  private named(n: Node): Node {
    return { ...n, name: this.nodeNames.claim(n.name) };
  }
}
