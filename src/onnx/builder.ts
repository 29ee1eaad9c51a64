/**
 * Writes graphs. Shapes and types are inferred as each operator is added, so that mistakes are reported where they are
 * made:
 *
 *     const g = new GraphBuilder({ name: 'tiny' });
 *     const x = g.input('image', 'float32', ['N', 3, 224, 224]);
 *     const y = g.scope('stem', () => {
 *       const w = g.parameter('conv.weight', 'float32', [64, 3, 7, 7], weights);
 *       return g.op('Relu', [g.op('Conv', [x, w], { strides: [2, 2], pads: [3, 3, 3, 3] })]);
 *     });
 *     g.output(y, 'features');
 *     const model = g.build();
 */
import { type AttributeInput, attribute } from './attributes.js';
import type { Attribute, DataType, Dim, Model, Node, Shape, Tensor, TensorType, ValueInfo } from './graph.js';
import { Names } from './names.js';
import { formatShape, type Known, numbersOf } from './node-context.js';
import { type AttributesOf, type OperatorName, operatorAttributes } from './operators.js';
import { importedOpsets, irVersionFor, opsetOf, plainDomain, splitOperator } from './opsets.js';
import { ShapeContext } from './shapes/context.js';
import { knownTensor } from './shapes/creation.js';
import { inferKnown, inferNode } from './shapes/index.js';
import { elementCount, tensor } from './tensor.js';
import { definedNames, prune, renameValues } from './traverse.js';

/** A value of the graph being built, with its type as far as known. */
export class Value implements Known {
  constructor(
    readonly name: string,
    readonly dtype: DataType,
    readonly shape: Shape | undefined,
    readonly elements?: readonly Dim[] | undefined,
  ) {}

  /**
   * The size of an axis, counted from the end if negative.
   * @throws RangeError if there is no such axis or its size is not known as a number.
   */
  size(axis: number): number {
    const found = this.shape?.at(axis);
    if (typeof found === 'number') return found;
    throw new RangeError(`Axis ${axis} of '${this.name}', ${formatShape(this.shape)}, has no known size`);
  }
}

export interface BuilderOptions {
  /** The version of ONNX's operator set, 13..23. */
  readonly opset?: number;
  readonly name?: string;
  /** Versions of other domains' operator sets; default 1. */
  readonly domains?: Readonly<Record<string, number>>;
}

/** A tuple of `N` values. */
export type Values<N extends number, T extends Value[] = []> = number extends N
  ? Value[]
  : T['length'] extends N
    ? T
    : Values<N, [...T, Value]>;

type Reduction = Extract<OperatorName, `Reduce${string}`>;

/** Omitted inputs are undefined. */
export type Inputs = readonly (Value | undefined)[];

interface Naming {
  /** The name of the (first) output, inside the current scope; derived from the operator's if left out. */
  readonly name?: string;
}

type AttributeArguments<K extends OperatorName> =
  Record<never, never> extends AttributesOf<K>
    ? [attributes?: AttributesOf<K>, options?: Naming]
    : [attributes: AttributesOf<K>, options?: Naming];

export interface CustomOptions extends Naming {
  readonly attributes?: Readonly<Record<string, AttributeInput | undefined>>;
  /** The outputs' types. An operator with a registered shape rule needs none. */
  readonly types?: readonly TensorType[];
}

const DEFAULT_OPSET = 20;
const [OLDEST_OPSET, NEWEST_OPSET] = [13, 23];

/** Equal constants of at most this many bytes are shared. */
const SHARED_BYTES = 256;

/**
 * Writes a graph node by node, and infers the type and shape of every value immediately.
 *
 * @example
 * const g = new GraphBuilder({ name: 'double' });
 * const x = g.input('x', 'float32', ['N', 3]);
 * g.output(g.op('Add', [x, x]), 'y');
 * const session = await createSession(writeModel(g.build()), 'double');
 * const { y } = await session.run({ x: floatTensor(new Float32Array([1, 2, 3]), [1, 3]) }, ['y']);
 * floatData(y); // Float32Array(3) [ 2, 4, 6 ]
 */
export class GraphBuilder {
  readonly opset: number;
  private readonly name: string;
  private readonly opsets: Map<string, number>;
  private readonly nodes: Node[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: { value: Value; name: string }[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly values = new Map<string, Value>();
  private readonly names = new Names();
  private readonly shared = new Map<string, Value>();
  private base: Model | undefined;
  private prefix = '';

  /** @throws RangeError for an opset outside 13..23. */
  constructor(options: BuilderOptions = {}) {
    this.opset = options.opset ?? DEFAULT_OPSET;
    this.name = options.name ?? 'graph';
    if (!(this.opset >= OLDEST_OPSET && this.opset <= NEWEST_OPSET)) {
      throw new RangeError(
        `Graphs are built for opsets ${OLDEST_OPSET} to ${NEWEST_OPSET}, found ${this.opset}`,
      );
    }
    this.opsets = new Map([['', this.opset], ...Object.entries(options.domains ?? {})]);
  }

  /**
   * A builder that continues a model: its inputs, constants and values are available (see `value`); outputs must be
   * named again. Metadata and other parts of the model are kept.
   */
  static from(model: Model): GraphBuilder {
    const { graph } = model;
    const opsets = importedOpsets(model);
    opsets.delete('');
    const domains = Object.fromEntries(opsets);
    const g = new GraphBuilder({ opset: opsetOf(model), name: graph.name, domains });
    g.base = model;
    g.nodes.push(...graph.nodes);
    g.inputs.push(...graph.inputs);
    for (const [name, constant] of graph.initializers) g.initializers.set(name, constant);
    const names = [
      ...graph.inputs.map((i) => i.name),
      ...graph.initializers.keys(),
      ...graph.nodes.flatMap((node) => [node.name, ...node.outputs]),
    ];
    for (const name of names) g.names.add(name);
    for (const [name, known] of inferKnown(model)) g.remember(name, known);
    return g;
  }

  /** The nodes so far, in topological order. */
  currentNodes(): readonly Node[] {
    return [...this.nodes];
  }

  /** The value with that full name; undefined if there is none, or its type is unknown. */
  find(name: string): Value | undefined {
    return this.values.get(name);
  }

  /** The elements of a small value if all are numbers that follow from constants and shapes. */
  numbers(value: Value): readonly number[] | undefined {
    return numbersOf(this.own(value));
  }

  /**
   * The value with that full name.
   * @throws RangeError if there is none, or its type is unknown.
   */
  value(name: string): Value {
    const found = this.values.get(name);
    if (found === undefined) throw new RangeError(`The graph has no value '${name}' of a known type`);
    return found;
  }

  /** An input of the graph. Its name is chosen by the caller and outside all scopes. */
  input(name: string, dtype: DataType, shape: Shape): Value {
    this.claim(name);
    this.inputs.push({ name, type: { dtype, shape } });
    return this.remember(name, { dtype, shape });
  }

  /**
   * A named constant, `scope.name`: a weight, which may be trained or replaced. Never shared.
   * @throws RangeError if the name is taken or the number of values contradicts the shape.
   */
  parameter(
    name: string,
    dtype: DataType,
    dims: readonly number[],
    values: ArrayLike<number> | ArrayLike<bigint>,
  ): Value {
    const full = this.claim(this.fullName(name));
    return this.initializer(tensor(full, dtype, dims, values));
  }

  /** `name`, with a number appended if it is taken in the current scope. */
  freeName(name: string): string {
    return this.names.free(this.prefix + name).slice(this.prefix.length);
  }

  /** The full name of a parameter `name` in the current scope. */
  fullName(name: string): string {
    return this.prefix + name;
  }

  /**
   * A constant. The tensor's own name is not used; without a given name, equal small constants are shared.
   * @throws RangeError if the name is taken.
   */
  constant(t: Tensor, { name: given }: Naming = {}): Value {
    if (given !== undefined) return this.initializer({ ...t, name: this.claim(this.prefix + given) });
    const small = t.data.length <= SHARED_BYTES && t.strings === undefined && t.rest === undefined;
    const key = small ? `${t.dtype}[${t.dims.join()}]${t.data.join()}` : undefined;
    const found = key === undefined ? undefined : this.shared.get(key);
    if (found !== undefined) return found;
    const name = this.names.claim(small ? 'constant' : `${this.prefix}constant`);
    const value = this.initializer({ ...t, name });
    if (key !== undefined) this.shared.set(key, value);
    return value;
  }

  /** A scalar constant, of a type or of another value's type. */
  scalar(value: number | bigint, like: DataType | Value = 'float32'): Value {
    const dtype = typeof like === 'string' ? like : like.dtype;
    return this.constant(tensor('', dtype, [], typeof value === 'bigint' ? [value] : [value]));
  }

  /** A constant list of int64, for shapes, axes and pads. */
  ints(values: readonly number[]): Value {
    return this.constant(tensor('', 'int64', [values.length], values));
  }

  /** `x` in another shape: 0 keeps the size at its position, one size may be -1. */
  reshape(x: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [x, this.ints(shape)]);
  }

  /** `x` reduced along axes, given as an attribute or an input, depending on the opset. */
  reduce(op: Reduction, x: Value, axes: readonly number[], keep: { readonly keepdims: 0 | 1 }): Value {
    // Only ReduceSum takes them as an input already in the oldest supported opset.
    if (op === 'ReduceSum' || this.opset >= 18) return this.op(op, [x, this.ints(axes)], keep);
    return this.op(op, [x], { axes, ...keep });
  }

  /** The number of elements of `x` along axes, as a scalar of its element type. */
  count(x: Value, axes: readonly number[]): Value {
    const sizes = axes.map((axis) => x.shape?.[axis]);
    if (sizes.every((d) => typeof d === 'number')) return this.scalar(elementCount(sizes), x);
    const picked = this.op('Gather', [this.op('Shape', [x]), this.ints(axes)]);
    const count = this.op('ReduceProd', [this.op('Cast', [picked], { to: 'float32' })], { keepdims: 0 });
    return x.dtype === 'float32' ? count : this.op('Cast', [count], { to: x.dtype });
  }

  /**
   * Applies an operator: `g.op('Conv', [x, w, b], { strides: [2, 2] })`. Operators outside ONNX's own set are named
   * with their domain, `com.microsoft.FusedMatMul`. For an operator with several outputs this returns the first; `ops`
   * returns more.
   * @throws ShapeError if the inputs contradict the operator.
   * @throws TypeError if an attribute does not exist at this opset.
   */
  op<K extends OperatorName>(
    name: K,
    inputs: Inputs,
    ...[attributes, options]: AttributeArguments<K>
  ): Value {
    return this.apply(name, inputs, 1, attributes ?? {}, options)[0]!;
  }

  /** As `op`, with the first `count` outputs: `const [y, mask] = g.ops('Dropout', 2, [x])`. */
  ops<K extends OperatorName, N extends number>(
    name: K,
    count: N,
    inputs: Inputs,
    ...[attributes, options]: AttributeArguments<K>
  ): Values<N> {
    return this.apply(name, inputs, count, attributes ?? {}, options) as Values<N>;
  }

  /**
   * An operator of any domain that is not in the table of typed ones. The types of its `count` outputs come from a rule
   * given to `registerShapeRule`, or are stated.
   */
  custom<N extends number>(
    domain: string,
    op: string,
    count: N,
    inputs: Inputs,
    { attributes = {}, types, ...naming }: CustomOptions = {},
  ): Values<N> {
    const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const map = new Map(entries.map(([key, value]) => [key, attribute(value!)]));
    return this.add(plainDomain(domain), op, inputs, count, map, naming, types) as Values<N>;
  }

  /**
   * Writes the graph of another model into this one, its inputs bound to values, its names inside the current scope:
   * `const { features } = g.scope('backbone', () => g.inline(backbone, { image: x }))`. Returns its outputs by their
   * names there.
   * @throws RangeError if an input is not bound, or the model has another opset.
   */
  inline(model: Model, inputs: Readonly<Record<string, Value>>): Record<string, Value> {
    this.adoptOpsets(model);
    const names = new Map<string, string>();
    const given = new Map<string, Known>();
    for (const { name } of model.graph.inputs) {
      const value = inputs[name];
      if (value !== undefined) {
        given.set(name, this.own(value));
        names.set(name, value.name);
      } else if (!model.graph.initializers.has(name)) {
        throw new RangeError(`Input '${name}' of graph '${model.graph.name}' is not bound to a value`);
      }
    }
    const bound = new Set(names.values());
    for (const name of definedNames(model.graph)) {
      if (!names.has(name)) names.set(name, this.names.claim(this.prefix + name));
    }
    const graph = renameValues(model.graph, names);
    for (const [name, constant] of graph.initializers)
      if (!bound.has(name)) this.initializers.set(name, constant);
    for (const node of graph.nodes) this.nodes.push({ ...node, name: this.nodeName(node) });
    for (const [name, known] of inferKnown(model, given)) {
      const full = names.get(name)!;
      if (!bound.has(full)) this.remember(full, known);
    }
    return Object.fromEntries(
      graph.outputs.map((o, i) => [model.graph.outputs[i]!.name, this.value(o.name)]),
    );
  }

  /**
   * Runs `build` with `name.` in front of all names that it adds. Scopes nest. A name already used gets a number,
   * except for parameters, whose names are exact.
   */
  scope<T>(name: string, build: () => T): T {
    const outer = this.prefix;
    this.prefix = `${outer}${name}.`;
    try {
      return build();
    } finally {
      this.prefix = outer;
    }
  }

  /**
   * Makes a value an output of the graph, by its own name or another one, outside all scopes.
   * @throws RangeError if the name is taken by another value.
   */
  output(value: Value, name = value.name): void {
    this.own(value);
    if (this.outputs.some((o) => o.name === name) || (name !== value.name && this.names.has(name))) {
      throw new RangeError(`The name '${name}' is taken already`);
    }
    this.names.add(name);
    this.outputs.push({ value, name });
  }

  /**
   * The model. Nodes and constants that its outputs do not depend on are left out. The types of inner values are
   * recorded, for any reader. The builder can continue and build again.
   * @throws RangeError if no output was named.
   */
  build(options: { readonly metadata?: Readonly<Record<string, string>> } = {}): Model {
    if (this.outputs.length === 0) throw new RangeError(`Graph '${this.name}' has no output`);
    const nodes = [...this.nodes];
    const made = new Set(nodes.flatMap((n) => n.outputs));
    const renamed = new Map<string, string>();
    for (const { value, name } of this.outputs) {
      if (name === value.name) continue;
      const keepsItsName = this.outputs.some((o) => o.name === value.name);
      if (made.has(value.name) && !renamed.has(value.name) && !keepsItsName) renamed.set(value.name, name);
    }
    for (const { value, name } of this.outputs) {
      if (name === value.name || renamed.get(value.name) === name) continue;
      const attributes = new Map<string, Attribute>();
      nodes.push({ name, domain: '', op: 'Identity', inputs: [value.name], outputs: [name], attributes });
    }
    const valueInfo = new Map(this.base?.graph.valueInfo);
    for (const name of made) {
      const value = this.values.get(name);
      if (value?.shape === undefined) continue;
      const type = { dtype: value.dtype, shape: value.shape };
      valueInfo.set(name, { ...valueInfo.get(name), name, type });
    }
    const graph = renameValues(
      {
        ...this.base?.graph,
        name: this.name,
        nodes,
        inputs: [...this.inputs],
        outputs: this.outputs.map(({ value: v, name }) => ({
          name,
          type: { dtype: v.dtype, shape: v.shape },
        })),
        initializers: new Map(this.initializers),
        valueInfo,
      },
      renamed,
    );
    for (const { name } of this.outputs) (graph.valueInfo as Map<string, ValueInfo>).delete(name);
    return {
      producerName: 'agewise',
      producerVersion: '',
      ...this.base,
      irVersion: Math.max(this.base?.irVersion ?? 0, irVersionFor(this.opset)),
      opsets: new Map(this.opsets),
      graph: prune(graph),
      metadata: new Map([...(this.base?.metadata ?? []), ...Object.entries(options.metadata ?? {})]),
    };
  }

  private apply(
    name: OperatorName,
    inputs: Inputs,
    count: number,
    attributes: Readonly<Record<string, unknown>>,
    naming: Naming = {},
  ): Value[] {
    const { domain, op } = splitOperator(name);
    return this.add(domain, op, inputs, count, operatorAttributes(name, this.opset, attributes), naming);
  }

  private add(
    domain: string,
    op: string,
    inputs: Inputs,
    count: number,
    attributes: ReadonlyMap<string, Attribute>,
    naming: Naming,
    types?: readonly TensorType[],
  ): Value[] {
    const opset = this.opsets.get(domain) ?? 1;
    const known = inputs.map((value) => value && this.own(value));
    const label = this.prefix + (naming.name ?? op);
    const first = naming.name === undefined ? this.names.claim(label) : this.claim(label);
    const outputs = Array.from({ length: count }, (_, i) =>
      i === 0 ? first : this.names.claim(`${first}.${i}`),
    );
    const names = inputs.map((value) => value?.name ?? '');
    while (names.at(-1) === '') names.pop();
    const node: Node = { name: first, domain, op, inputs: names, outputs, attributes };
    const inferred = inferNode(node, opset, known);
    const found = outputs.map((_, i) => types?.[i] ?? inferred[i]);
    const missing = found.findIndex((k) => k === undefined || k.dtype === 'undefined');
    if (missing >= 0) {
      new ShapeContext(node, opset, known).fail(
        `the type of output ${missing} does not follow from the inputs`,
      );
    }
    this.opsets.set(domain, opset);
    this.nodes.push(node);
    return outputs.map((name, i) => this.remember(name, found[i]!));
  }

  private adoptOpsets(model: Model): void {
    for (const [domain, version] of importedOpsets(model)) {
      const own = this.opsets.get(domain) ?? version;
      if (own !== version) {
        throw new RangeError(
          `Graph '${model.graph.name}' is of version ${version} of operator set '${domain || 'ai.onnx'}', this one of ${own}`,
        );
      }
      this.opsets.set(domain, version);
    }
  }

  /** A node is named after its first output, like everything that the builder writes. */
  private nodeName(node: Node): string {
    return node.outputs.find((name) => name !== '') ?? this.names.claim(`${this.prefix}${node.op}`);
  }

  private initializer(t: Tensor): Value {
    this.initializers.set(t.name, t);
    return this.remember(t.name, knownTensor(t));
  }

  private remember(name: string, known: Known): Value {
    const value = new Value(name, known.dtype, known.shape, known.elements);
    this.values.set(name, value);
    return value;
  }

  private own(value: Value): Value {
    if (this.values.get(value.name) === value) return value;
    throw new RangeError(`Value '${value.name}' belongs to another graph`);
  }

  private claim(name: string): string {
    if (name === '' || this.names.has(name)) throw new RangeError(`The name '${name}' is taken already`);
    this.names.add(name);
    return name;
  }
}
