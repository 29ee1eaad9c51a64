/**
 * The state of one import from a TensorFlow format: the nodes and constants made so far, and for each value
 * the order its axes are held in.
 *
 * TensorFlow's images are NHWC and ONNX's are NCHW. A value of four dimensions that comes from an image
 * operator is *held as an image*: its ONNX value is NCHW, while `dims` keeps the source's order, so that axes,
 * shapes and paddings of the source file are always read in the source's terms. A Transpose is written only
 * where an operator needs the other order, and constants are transposed here and now.
 */
import type { AttributeInput } from '../attributes.js';
import type { DataType, Dim, Graph, Model, Node, Shape, Tensor, TensorType, ValueInfo } from '../graph.js';
import { node } from '../node.js';
import { irVersionFor } from '../opsets.js';
import { float32, int64s, type NumericType, tensor, tensorValues } from '../tensor.js';
import { ImportError } from './errors.js';

/** The operator set that imported graphs are written in: the first whose reductions all take axes as inputs. */
export const IMPORT_OPSET = 18;

/** A value of the source graph. */
export interface Value {
  /** Its ONNX name. */
  readonly name: string;
  readonly dtype: DataType;
  /** Its dimensions in the source's order (NHWC for images); the rank is always known. */
  readonly dims: Shape;
  /** Whether the ONNX value is NCHW. */
  readonly image: boolean;
  /** Its elements in the source's order, where they are known. */
  readonly constant?: Tensor;
}

/** Where axis i of an NHWC value stands in NCHW. */
export const IMAGE_AXIS = [0, 2, 3, 1] as const;
/** The permutations of ONNX's Transpose from NHWC to NCHW and back. */
const TO_IMAGE = [0, 3, 1, 2];
const FROM_IMAGE = [0, 2, 3, 1];

/** An axis counted from the front. */
export const positiveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Dimensions in NCHW order, given NHWC ones. */
export const imageDims = (dims: Shape): Dim[] => TO_IMAGE.map((axis) => dims[axis]!);

/** A constant with its axes permuted as ONNX's Transpose does: axis i of the result is axis perm[i]. */
export function transposeTensor(source: Tensor, perm: readonly number[]): Tensor {
  const from = tensorValues(source);
  const dims = perm.map((axis) => source.dims[axis]!);
  const stride = source.dims.map((_, axis) => source.dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const steps = perm.map((axis) => stride[axis]!);
  const to = from.slice();
  const index = new Array<number>(dims.length).fill(0);
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      at -= steps[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return tensor(source.name, source.dtype as NumericType, dims, to as ArrayLike<number>);
}

export class Translation {
  private nodes: Node[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly names = new Set<string>();
  private readonly transposed = new Map<string, string>();

  /** A name like the one given that nothing has yet. */
  unique(name: string): string {
    let free = name;
    for (let i = 1; this.names.has(free); i++) free = `${name}_${i}`;
    this.names.add(free);
    return free;
  }

  /** An input of the graph. Inputs of four dimensions become NCHW. */
  input(name: string, dtype: DataType, dims: Shape): Value {
    const image = dims.length === 4;
    const free = this.unique(name);
    const type: TensorType = { dtype, shape: image ? imageDims(dims) : dims };
    this.inputs.push({ name: free, type });
    return { name: free, dtype, dims, image };
  }

  /** A constant of the source. It is written into the graph only when used, in the layout of its use. */
  constant(source: Tensor): Value {
    return { name: source.name, dtype: source.dtype, dims: source.dims, image: false, constant: source };
  }

  /** A scalar or vector of 32-bit floats that the translation itself needs. */
  floats(name: string, values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.initializer(float32(this.unique(name), dims, values));
  }

  /** Axes, pads or sizes that the translation itself needs. */
  ints(name: string, values: readonly number[]): string {
    return this.initializer(int64s(this.unique(name), values));
  }

  /** Writes a constant into the graph under the name it carries, and returns that name. */
  initializer(constant: Tensor): string {
    this.initializers.set(constant.name, constant);
    this.names.add(constant.name);
    return constant.name;
  }

  /** Applies an operator and returns its first output's name, which is the one given or the next free one. */
  node(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
  ): string {
    const free = this.unique(output);
    this.nodes.push(node(op, inputs, [free], attributes));
    return free;
  }

  /** Applies an operator of several outputs. */
  nodeOf(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
  ): string[] {
    const free = outputs.map((name) => this.unique(name));
    this.nodes.push(node(op, inputs, free, attributes));
    return free;
  }

  /** The value's ONNX name in the source's own axis order. */
  plain(value: Value): string {
    if (value.constant) return this.constantAs(value.constant, 'plain', (t) => t);
    return value.image ? this.transpose(value.name, FROM_IMAGE, 'nhwc') : value.name;
  }

  /** The ONNX name of a value of four dimensions in NCHW. */
  image(value: Value): string {
    if (value.dims.length !== 4) {
      throw new ImportError(`'${value.name}' has ${value.dims.length} dimensions, an image needs 4`);
    }
    if (value.constant) return this.constantAs(value.constant, 'nchw', (t) => transposeTensor(t, TO_IMAGE));
    return value.image ? value.name : this.transpose(value.name, TO_IMAGE, 'nchw');
  }

  /** The value as an operand of an element-wise operator whose result is an image: NCHW, or a scalar. */
  operand(value: Value): string {
    const rank = value.dims.length;
    if (rank === 4) return this.image(value);
    if (rank > 4) throw new ImportError(`'${value.name}' has ${rank} dimensions, an image has 4`);
    if (value.constant) {
      if (value.constant.dims.every((d) => d === 1)) {
        return this.constantAs(value.constant, 'scalar', (t) => ({ ...t, dims: [] }));
      }
      return this.constantAs(value.constant, 'broadcast', (t) => {
        const dims = [...new Array<number>(4 - rank).fill(1), ...t.dims];
        return transposeTensor({ ...t, dims }, TO_IMAGE);
      });
    }
    if (rank === 0) return value.name;
    const ones = Array.from({ length: 4 - rank }, (_, axis) => axis);
    const name = this.node(
      'Unsqueeze',
      [value.name, this.ints(`${value.name}/axes`, ones)],
      `${value.name}/4d`,
    );
    return this.transpose(name, TO_IMAGE, 'nchw');
  }

  /** A constant in a layout of the caller's making; the same constant in the same layout is written once. */
  constantAs(source: Tensor, layout: string, make: (source: Tensor) => Tensor): string {
    const key = `${source.name}\0${layout}`;
    const known = this.transposed.get(key);
    if (known !== undefined) return known;
    const name = this.initializer({ ...make(source), name: this.unique(source.name) });
    this.transposed.set(key, name);
    return name;
  }

  private transpose(name: string, perm: number[], suffix: string): string {
    const key = `${name}\0${suffix}`;
    let made = this.transposed.get(key);
    if (made === undefined) {
      made = this.node('Transpose', [name], `${name}/${suffix}`, { perm });
      this.transposed.set(key, made);
    }
    return made;
  }

  /** The outputs, where a value that must be transposed to become one has given up its name to the result. */
  private freeOutputNames(outputs: ReadonlyMap<string, Value>): Map<string, Value> {
    const renamed = new Map<string, string>();
    for (const [name, value] of outputs) {
      if (value.name === name && value.dims.length === 4 && !value.image && !value.constant) {
        renamed.set(name, this.unique(`${name}/nhwc`));
        this.names.delete(name);
      }
    }
    const to = (name: string) => renamed.get(name) ?? name;
    this.nodes = this.nodes.map((n) => ({
      ...n,
      name: to(n.name),
      inputs: n.inputs.map(to),
      outputs: n.outputs.map(to),
    }));
    return new Map([...outputs].map(([name, value]) => [name, { ...value, name: to(value.name) }]));
  }

  /** The model whose outputs are the values given, under the names given; those of four dimensions are NCHW. */
  finish(graphName: string, outputs: ReadonlyMap<string, Value>): Model {
    const infos: ValueInfo[] = [];
    for (const [name, value] of this.freeOutputNames(outputs)) {
      const image = value.dims.length === 4;
      const held =
        image && !value.image && !value.constant
          ? this.node('Transpose', [value.name], name, { perm: TO_IMAGE })
          : image
            ? this.image(value)
            : this.plain(value);
      // A graph's output must be made by a node of its own under its own name.
      if (held !== name || value.constant || this.inputs.some((i) => i.name === held)) {
        if (this.names.has(name)) throw new ImportError(`Output '${name}' has the name of another value`);
        this.node('Identity', [held], name);
      }
      infos.push({ name, type: { dtype: value.dtype, shape: image ? imageDims(value.dims) : value.dims } });
    }
    const graph: Graph = {
      name: graphName,
      nodes: this.nodes,
      inputs: this.inputs,
      outputs: infos,
      initializers: this.initializers,
      valueInfo: new Map(),
    };
    return {
      irVersion: irVersionFor(IMPORT_OPSET),
      opsets: new Map([['', IMPORT_OPSET]]),
      graph,
      metadata: new Map(),
      producerName: 'agewise',
      producerVersion: '',
    };
  }
}
