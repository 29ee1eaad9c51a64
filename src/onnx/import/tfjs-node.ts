/**
 * A node of a TensorFlow.js graph model and its attributes, which are TensorFlow's AttrValue in JSON: integers
 * of 64 bits as strings and byte strings in base64.
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/attr_value.proto
 */
import * as z from 'zod';
import type { DataType } from '../graph.js';
import { ImportError } from './errors.js';
import type { Padding, Pair } from './operators.js';
import { SourceNode } from './source-node.js';
import type { SourceValue, Translation } from './translation.js';

const integer = z.union([z.string(), z.number()]);

const attrValue = z.object({
  s: z.string().optional(),
  i: integer.optional(),
  f: z.union([z.number(), z.string()]).optional(),
  b: z.boolean().optional(),
  type: integer.optional(),
  shape: z
    .object({
      unknownRank: z.boolean().optional(),
      dim: z.array(z.object({ size: integer.optional() })).optional(),
    })
    .optional(),
  list: z.object({ s: z.array(z.string()).optional(), i: z.array(integer).optional() }).optional(),
});

export const nodeDef = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).optional(),
  attr: z.record(z.string(), attrValue).optional(),
});
export type NodeDef = z.infer<typeof nodeDef>;

/** TensorFlow's `DataType`, by name and number, as far as TensorFlow.js has it. */
const ELEMENT_TYPES: Readonly<Record<string, DataType>> = {
  DT_FLOAT: 'float32',
  1: 'float32',
  DT_INT32: 'int32',
  3: 'int32',
  DT_BOOL: 'bool',
  10: 'bool',
};

export function elementType(type: string | number, name: string): DataType {
  const found = ELEMENT_TYPES[type];
  if (!found) throw new ImportError(`'${name}' has element type ${type}, which is not supported`);
  return found;
}

/** A node of a graph model, with its attributes. */
export class TfjsNode extends SourceNode {
  constructor(
    t: Translation,
    private readonly node: NodeDef,
    inputs: readonly SourceValue[],
  ) {
    super(
      t,
      node.op,
      node.name,
      inputs.map((value) => () => value),
    );
  }

  bool(name: string): boolean {
    return this.node.attr?.[name]?.b ?? false;
  }

  int(name: string, fallback = 0): number {
    return Number(this.node.attr?.[name]?.i ?? fallback);
  }

  float(name: string, fallback: number): number {
    return Number(this.node.attr?.[name]?.f ?? fallback);
  }

  ints(name: string): number[] {
    return (this.node.attr?.[name]?.list?.i ?? []).map(Number);
  }

  string(name: string, fallback: string): string {
    const encoded = this.node.attr?.[name]?.s;
    return encoded === undefined ? fallback : atob(encoded);
  }

  strings(name: string): string[] {
    return (this.node.attr?.[name]?.list?.s ?? []).map((encoded) => atob(encoded));
  }

  elementType(name: string): DataType {
    const type = this.node.attr?.[name]?.type;
    return elementType(type ?? this.fail(`it has no attribute ${name}`), this.name);
  }

  // ------------------------------------------------------------------- attributes of operators on images

  /** @throws ImportError if the node uses NCHW. */
  requireNhwc(): void {
    const format = this.string('data_format', 'NHWC');
    if (format !== 'NHWC') this.fail(`data format ${format} is not supported, only NHWC`);
  }

  /** The height and width of an attribute such as `strides`, which has an entry for each axis. */
  pair(name: string): Pair {
    const all = this.ints(name);
    if (all.length === 0) return [1, 1];
    if (all.length !== 4 || all[0] !== 1 || all[3] !== 1) {
      this.fail(`${name} of [${all.join(', ')}] is not supported, only of height and width`);
    }
    return [all[1]!, all[2]!];
  }

  padding(): Padding {
    const padding = this.string('padding', 'VALID').toUpperCase();
    if (padding === 'SAME' || padding === 'VALID') return padding;
    const [n0, n1, top, bottom, left, right, c0, c1] = this.ints('explicit_paddings');
    if (padding !== 'EXPLICIT' || right === undefined || n0 || n1 || c0 || c1) {
      this.fail(`padding ${padding} is not supported`);
    }
    return [top!, left!, bottom!, right];
  }
}
