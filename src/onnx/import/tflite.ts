/**
 * TFLite files to the ONNX graph. Images become NCHW, weights OIHW, and float16 weights that the file
 * dequantises are widened to float32 once, here.
 */
import type { DataType, Model, Shape, Tensor } from '../graph.js';
import { bitsPerElement, elementCount } from '../tensor.js';
import { ImportError, imported, unsupported } from './errors.js';
import { Table } from './flatbuffer.js';
import { TFLITE_OPERATORS, TfliteNode } from './tflite-operators.js';
import * as schema from './tflite-schema.js';
import { type SourceValue, Translation } from './translation.js';

export interface TfliteOptions {
  /**
   * Shapes of inputs by name, NCHW for images, instead of the file's: `{ input: ['N', 3, 'H', 'W'] }` makes batch,
   * height and width variable. The channels must be the file's.
   */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /** Names of the values that become outputs, instead of the file's; operators that they do not need are left out. */
  readonly outputs?: readonly string[];
}

/**
 * The ONNX graph of a TFLite file's first subgraph. Inputs and outputs keep the file's names; those of four
 * dimensions are NCHW, all others are in the file's own order.
 * @throws ImportError if the bytes are not a TFLite file, the network is quantised or sparse, or an operator or one of its options is not supported.
 */
export function importTflite(bytes: Uint8Array, options: TfliteOptions = {}): Model {
  const identifier = new TextDecoder('latin1').decode(bytes.subarray(4, 8));
  if (identifier !== schema.FILE_IDENTIFIER) {
    throw new ImportError(
      `The bytes are not a TFLite file: expected the identifier ${schema.FILE_IDENTIFIER} at byte 4`,
    );
  }
  return imported('The TFLite file', () => new TfliteImport(bytes, options).model());
}

/** What the file says about a tensor. */
interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly table: Table;
}

interface Operator {
  readonly code: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Table;
  readonly name: string;
}

class TfliteImport {
  private readonly t: Translation;
  private readonly values = new Map<number, SourceValue>();
  private readonly buffers: Table[];
  private readonly tensors: FileTensor[];
  private readonly subgraph: Table;
  private readonly codes: string[];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly options: TfliteOptions,
  ) {
    const root = Table.root(bytes);
    const [subgraph] = root.tables(schema.MODEL.subgraphs);
    if (!subgraph) throw new ImportError('The TFLite file holds no graph');
    this.subgraph = subgraph;
    this.t = new Translation(subgraph.string(schema.SUBGRAPH.name) || 'tflite');
    this.buffers = root.tables(schema.MODEL.buffers);
    this.codes = root.tables(schema.MODEL.operatorCodes).map(operatorName);
    const names = new Set<string>();
    this.tensors = subgraph.tables(schema.SUBGRAPH.tensors).map((table, i) => {
      const own = table.string(schema.TENSOR.name);
      const name = own === '' || names.has(own) ? `${own || 'tensor'}_${i}` : own;
      names.add(name);
      return { name, shape: table.int32s(schema.TENSOR.shape), table };
    });
  }

  model(): Model {
    const { subgraph } = this;
    for (const index of subgraph.int32s(schema.SUBGRAPH.inputs)) this.input(index);
    this.checkInputNames(subgraph.int32s(schema.SUBGRAPH.inputs));
    const outputs = this.options.outputs
      ? this.options.outputs.map((name) => this.named(name))
      : subgraph.int32s(schema.SUBGRAPH.outputs);
    for (const operator of this.needed(outputs)) {
      this.values.set(operator.outputs[0]!, this.translate(operator));
    }
    return this.t.finish(new Map(outputs.map((index) => [this.tensors[index]!.name, this.value(index)])));
  }

  private named(name: string): number {
    const index = this.tensors.findIndex((tensor) => tensor.name === name);
    if (index < 0) throw new ImportError(`The TFLite file has no value '${name}' to make an output of`);
    return index;
  }

  /** The operators that the outputs depend on, in the file's order, which is topological. */
  private needed(outputs: readonly number[]): Operator[] {
    const all = this.subgraph.tables(schema.SUBGRAPH.operators).map((table): Operator => {
      const made = table.int32s(schema.OPERATOR.outputs);
      return {
        code: this.codes[table.uint32(schema.OPERATOR.codeIndex)]!,
        inputs: table.int32s(schema.OPERATOR.inputs),
        outputs: made,
        options: table.table(schema.OPERATOR.options) ?? Table.EMPTY,
        name: this.tensors[made[0]!]!.name,
      };
    });
    const pending = new Set(outputs);
    const kept = new Set<Operator>();
    for (const operator of all.toReversed()) {
      if (!operator.outputs.some((index) => pending.has(index))) continue;
      kept.add(operator);
      for (const index of operator.inputs) pending.add(index);
    }
    return all.filter((operator) => kept.has(operator));
  }

  // ------------------------------------------------------------------------------------------- tensors

  private input(index: number): void {
    const { name, shape } = this.tensors[index]!;
    this.values.set(index, this.t.input(name, this.dtype(index), shape, this.options.inputShapes?.[name]));
  }

  private checkInputNames(indices: readonly number[]): void {
    const names = indices.map((index) => this.tensors[index]!.name);
    for (const name of Object.keys(this.options.inputShapes ?? {})) {
      if (!names.includes(name)) {
        throw new ImportError(`The TFLite file has no input '${name}'; it has ${names.join(', ')}`);
      }
    }
  }

  private dtype(index: number): DataType {
    const { name, table } = this.tensors[index]!;
    const number = table.int8(schema.TENSOR.type);
    const dtype = schema.TENSOR_TYPES[number];
    if (dtype === undefined)
      throw new ImportError(`Tensor '${name}' has element type ${number}, which is not supported`);
    if (table.table(schema.TENSOR.quantization)?.float32s(schema.QUANTIZATION.scale).length) {
      throw new ImportError(
        `Tensor '${name}' is quantised (${dtype} with a scale); only float networks can be imported`,
      );
    }
    return dtype;
  }

  /** The value of a tensor: an operator's result, an input, or a constant of the file. */
  private value(index: number): SourceValue {
    const made = this.values.get(index);
    if (made) return made;
    const constant = this.t.constant(this.constant(index));
    this.values.set(index, constant);
    return constant;
  }

  private constant(index: number): Tensor {
    const { name, shape, table } = this.tensors[index]!;
    const dtype = this.dtype(index);
    if (table.has(schema.TENSOR.sparsity)) {
      throw new ImportError(`Tensor '${name}' is sparse; only dense networks can be imported`);
    }
    const data = this.bufferData(table.uint32(schema.TENSOR.buffer));
    const size = (elementCount(shape) * bitsPerElement(dtype)!) / 8;
    if (data.length !== size) {
      throw new ImportError(
        `Tensor '${name}' of type ${dtype} and shape [${shape.join(', ')}] needs ${size} bytes, found ${data.length}`,
      );
    }
    return { name, dtype, dims: shape, data };
  }

  private bufferData(index: number): Uint8Array {
    const buffer = this.buffers[index];
    if (!buffer) return new Uint8Array();
    // Files above 2 GiB keep their buffers after the FlatBuffer; an offset of 0 or 1 means that this one does not.
    const offset = buffer.uint64(schema.BUFFER.offset);
    if (offset > 1) return this.bytes.subarray(offset, offset + buffer.uint64(schema.BUFFER.size));
    return buffer.bytes(schema.BUFFER.data);
  }

  // ----------------------------------------------------------------------------------------- operators

  private translate({ code, name, options, inputs, outputs }: Operator): SourceValue {
    const translate = TFLITE_OPERATORS[code];
    if (!translate) throw unsupported(code, name, 'it has no translation');
    const sources = inputs.map((index) => (index < 0 ? undefined : () => this.value(index)));
    const shapes = inputs.map((index) => this.tensors[index]?.shape ?? []);
    const node = new TfliteNode(
      this.t,
      code,
      name,
      sources,
      options,
      shapes,
      this.tensors[outputs[0]!]!.shape,
    );
    return translate(node);
  }
}

function operatorName(table: Table): string {
  const code = Math.max(
    table.int8(schema.OPERATOR_CODE.deprecatedCode),
    table.int32(schema.OPERATOR_CODE.code),
  );
  const name = schema.OPERATORS[code] ?? `number ${code}`;
  return name === 'CUSTOM' ? `CUSTOM ${table.string(schema.OPERATOR_CODE.customCode)}` : name;
}
