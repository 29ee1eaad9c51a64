/**
 * The state of one import from a TensorFlow format: the graph that is being built, and for each value of the source the
 * order of its axes.
 *
 * TensorFlow's images are NHWC and ONNX's are NCHW. A 4D value from an image operator is *held as an image*: its ONNX
 * value is NCHW, while `dims` keeps the source's order, so that axes, shapes and paddings of the source file are always
 * read in the source's terms. A Transpose is written only if an operator needs the other order, and constants are
 * transposed at import.
 */
import type { AttributeInput } from '../attributes.js';
import { GraphBuilder, type Inputs, type Value } from '../builder.js';
import type { DataType, Dim, Model, Shape, Tensor } from '../graph.js';
import { rename } from '../surgery/rename.js';
import { int64s, tensor, tensorValues } from '../tensor.js';
import { ImportError } from './errors.js';
import { simplify } from './simplify.js';

/** The operator set that imported graphs are written in: the first in which all reductions take axes as inputs. */
const IMPORT_OPSET = 18;

interface SourceType {
  readonly name: string;
  readonly dtype: DataType;
  /** Its dimensions in the source's order (NHWC for images); the rank is always known. */
  readonly dims: Shape;
}

/** A value that the graph computes, or one of its inputs. */
interface Held extends SourceType {
  readonly value: Value;
  /** Whether the ONNX value is NCHW. */
  readonly image: boolean;
  readonly constant?: undefined;
}

/** A constant, its elements in the source's order. It is written to the graph when used, in the layout of its use. */
interface Constant extends SourceType {
  readonly constant: Tensor;
  readonly image: false;
}

/** A value of the source graph. */
export type SourceValue = Held | Constant;

/** The position in NCHW of axis i of an NHWC value. */
export const IMAGE_AXIS = [0, 2, 3, 1] as const;
/** The permutations of ONNX's Transpose from NHWC to NCHW and back. */
const TO_IMAGE = [0, 3, 1, 2];
const FROM_IMAGE = [0, 2, 3, 1];

/** An axis counted from the front. */
export const positiveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Dimensions in NCHW order, given NHWC ones, and vice versa. */
const imageDims = (dims: Shape): Dim[] => TO_IMAGE.map((axis) => dims[axis]!);
const sourceDims = (dims: Shape): Dim[] => FROM_IMAGE.map((axis) => dims[axis]!);

function held(value: Value, image: boolean): Held {
  const { name, dtype, shape } = value;
  if (shape === undefined) throw new ImportError(`The number of dimensions of '${name}' is not known`);
  return { name, dtype, dims: image ? sourceDims(shape) : shape, value, image };
}

/** The source value of a value of the graph: an image, held as NCHW, or the same. */
export const asImage = (value: Value): SourceValue => held(value, true);
export const asPlain = (value: Value): SourceValue => held(value, false);
/** Like `x`, from which the value was computed elementwise. */
export const asHeld = (value: Value, { image }: SourceValue): SourceValue => held(value, image);

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
  return tensor(source.name, source.dtype, dims, to as ArrayLike<number>);
}

export type Attributes = Readonly<Record<string, AttributeInput | undefined>>;

export class Translation {
  private readonly g: GraphBuilder;
  private readonly layouts = new Map<string, Value>();

  constructor(graphName: string) {
    this.g = new GraphBuilder({ opset: IMPORT_OPSET, name: graphName });
  }

  /**
   * An input of the graph, with the source's dimensions or a given shape instead, which is NCHW if it has four
   * dimensions, like the resulting input.
   */
  input(name: string, dtype: DataType, own: Shape | undefined, given: Shape | undefined): SourceValue {
    const expected = own?.length === 4 ? imageDims(own) : own;
    const shape = given ?? expected;
    if (shape === undefined) {
      throw new ImportError(`The shape of input '${name}' is not in the file; give it as an option`);
    }
    const image = shape.length === 4;
    if (expected && shape.length !== expected.length) {
      throw new ImportError(
        `Input '${name}' has ${expected.length} dimensions, found ${shape.length} in its shape`,
      );
    }
    if (image && typeof expected?.[1] === 'number' && shape[1] !== expected[1]) {
      throw new ImportError(`Input '${name}' has ${expected[1]} channels, found ${shape[1]} in its shape`);
    }
    return held(this.g.input(this.g.freeName(name), dtype, shape), image);
  }

  /** A constant of the source. */
  constant(source: Tensor): SourceValue {
    const { name, dtype, dims } = source;
    return { name, dtype, dims, image: false, constant: source };
  }

  /** Writes a constant into the graph under its own name, or a similar free one. */
  initializer(constant: Tensor): Value {
    return this.g.constant(constant, { name: this.g.freeName(constant.name) });
  }

  /** Applies an operator. Its output has the given name, or the next free one. */
  op(op: string, inputs: Inputs, output: string, attributes: Attributes = {}): Value {
    return this.g.custom('', op, 1, inputs, { attributes, name: this.g.freeName(output) })[0];
  }

  /** Applies an operator with several outputs; the first gets a name. */
  ops(op: string, count: number, inputs: Inputs, output: string, attributes: Attributes = {}): Value[] {
    return this.g.custom('', op, count, inputs, { attributes, name: this.g.freeName(output) });
  }

  /** The value in its current axis order. */
  held(source: SourceValue): Value {
    return source.constant ? this.plain(source) : source.value;
  }

  /** The value in the source's own axis order. */
  plain(source: SourceValue): Value {
    if (source.constant) return this.constantAs(source.constant, 'plain', (t) => t);
    return source.image ? this.transpose(source.value, FROM_IMAGE, 'nhwc') : source.value;
  }

  /** A value of four dimensions in NCHW. */
  image(source: SourceValue): Value {
    if (source.dims.length !== 4) {
      throw new ImportError(`'${source.name}' has ${source.dims.length} dimensions, an image needs 4`);
    }
    if (source.constant) return this.constantAs(source.constant, 'nchw', (t) => transposeTensor(t, TO_IMAGE));
    return source.image ? source.value : this.transpose(source.value, TO_IMAGE, 'nchw');
  }

  /** The value as an operand of an element-wise operator whose result is an image: NCHW, or a scalar. */
  operand(source: SourceValue): Value {
    const rank = source.dims.length;
    if (rank === 4) return this.image(source);
    if (rank > 4) throw new ImportError(`'${source.name}' has ${rank} dimensions, an image has 4`);
    if (source.constant) {
      if (source.constant.dims.every((d) => d === 1)) {
        return this.constantAs(source.constant, 'scalar', (t) => ({ ...t, dims: [] }));
      }
      return this.constantAs(source.constant, 'broadcast', (t) => {
        const dims = [...new Array<number>(4 - rank).fill(1), ...t.dims];
        return transposeTensor({ ...t, dims }, TO_IMAGE);
      });
    }
    if (rank === 0) return source.value;
    const { name } = source.value;
    const ones = Array.from({ length: 4 - rank }, (_, axis) => axis);
    const four = this.op(
      'Unsqueeze',
      [source.value, this.initializer(int64s(`${name}/axes`, ones))],
      `${name}/4d`,
    );
    return this.transpose(four, TO_IMAGE, 'nchw');
  }

  /** A constant in a layout made by the caller; the same constant in the same layout is written once. */
  constantAs(source: Tensor, layout: string, make: (source: Tensor) => Tensor): Value {
    return this.once(`${source.name}\0${layout}`, () => this.initializer(make(source)));
  }

  private transpose(value: Value, perm: number[], suffix: string): Value {
    return this.once(`${value.name}\0${suffix}`, () =>
      this.op('Transpose', [value], `${value.name}/${suffix}`, { perm }),
    );
  }

  private once(key: string, make: () => Value): Value {
    const made = this.layouts.get(key) ?? make();
    this.layouts.set(key, made);
    return made;
  }

  /** The model with the given values as outputs, under the given names; 4D outputs are NCHW. */
  finish(outputs: ReadonlyMap<string, SourceValue>): Model {
    const exchanged: Record<string, string> = {};
    for (const [name, source] of outputs) {
      const value = source.dims.length === 4 ? this.image(source) : this.plain(source);
      const taken = this.g.freeName(name) !== name;
      if (!taken || value.name === name) this.g.output(value, name);
      else if (!source.constant && source.value.name === name) {
        // If a value must be transposed to become an output, the result takes its name.
        this.g.output(value);
        exchanged[value.name] = name;
        exchanged[name] = this.g.freeName(`${name}/nhwc`);
      } else throw new ImportError(`Output '${name}' has the name of another value`);
    }
    return simplify(rename(this.g.build(), exchanged));
  }
}
