import type { Inputs, Value } from '../builder.js';
import type { Tensor } from '../graph.js';
import { float32, int64s, integerValues } from '../tensor.js';
import { unsupported } from './errors.js';
import type { Attributes, SourceValue, Translation } from './translation.js';

/** A node's inputs, translated on demand; undefined for omitted ones. */
export type Sources = readonly ((() => SourceValue) | undefined)[];

/** A translation's view of a node, independent of the format: its translated inputs, and how to report errors. */
export class SourceNode {
  constructor(
    readonly t: Translation,
    readonly op: string,
    /** The name of the result. */
    readonly name: string,
    private readonly sources: Sources,
  ) {}

  /** The same node for an intermediate result. */
  part(role: string): SourceNode {
    return new SourceNode(this.t, this.op, `${this.name}/${role}`, this.sources);
  }

  fail(what: string): never {
    throw unsupported(this.op, this.name, what);
  }

  /** Applies an ONNX operator that computes the result. */
  apply(op: string, inputs: Inputs, attributes?: Attributes): Value {
    return this.t.op(op, inputs, this.name, attributes);
  }

  /** Axes, pads or sizes that the translation itself needs. */
  list(role: string, values: readonly number[]): Value {
    return this.t.initializer(int64s(`${this.name}/${role}`, values));
  }

  /** A 32-bit float that the translation itself needs. */
  number(role: string, value: number): Value {
    return this.t.initializer(float32(`${this.name}/${role}`, [], [value]));
  }

  /** Input `i`; undefined if it is omitted. */
  optional(i: number): SourceValue | undefined {
    return this.sources[i]?.();
  }

  input(i: number): SourceValue {
    return this.optional(i) ?? this.fail(`it has no input ${i}`);
  }

  /** Inputs `from` to before `to`, as far as present. */
  inputs(from = 0, to?: number): SourceValue[] {
    return this.sources.slice(from, to).flatMap((source) => source?.() ?? []);
  }

  /** An input that must be constant. */
  constant(i: number, role: string): Tensor {
    return this.input(i).constant ?? this.fail(`its ${role} must be constant`);
  }

  /** The integers of an input that must be constant. */
  integers(i: number, role: string): number[] {
    return integerValues(this.constant(i, role));
  }

  /** The only integer of an input that must be constant. */
  integer(i: number, role: string): number {
    const [only, ...others] = this.integers(i, role);
    return only === undefined || others.length ? this.fail(`its ${role} must be one number`) : only;
  }
}
