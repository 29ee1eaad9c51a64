/** Graphs that no exporter writes: each mistake is reported as a mistake of the graph. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GraphBuilder, type Value } from './builder.js';
import { readModel, writeModel } from './codec/index.js';
import { GraphError, OnnxFormatError } from './errors.js';
import { checkExecutions } from './executions.js';
import { type Attribute, DATA_TYPES, type DataType, type Model, type Node } from './graph.js';
import { inferTypes } from './shapes/index.js';
import { foldBatchNorm, keepZeroPadding, plainConstants, refreshTypes } from './surgery/index.js';
import { bitsPerElement, elementCount, float32 } from './tensor.js';

function model(body: (g: GraphBuilder, x: Value) => Value): Model {
  const g = new GraphBuilder();
  g.output(body(g, g.input('x', 'float32', ['N', 3, 8, 8])), 'y');
  return g.build();
}

const per = (g: GraphBuilder) => g.constant(float32('', [4], [1, 2, 3, 4]));

const MODELS = [
  model((g, x) => {
    const w = g.parameter('w', 'float32', [4, 3, 3, 3], new Float32Array(108));
    const normal = g.op('BatchNormalization', [g.op('Conv', [x, w, per(g)]), per(g), per(g), per(g), per(g)]);
    const padded = g.op('Pad', [normal, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
    const pooled = g.op('MaxPool', [padded], { kernel_shape: [2, 2], strides: [2, 2] });
    const m = g.parameter('m', 'float32', [64, 5], new Float32Array(320));
    return g.op('Softmax', [g.op('Gemm', [g.op('Flatten', [pooled]), m])]);
  }),
  model((g, x) => {
    const rows = g.op('Gather', [g.op('Shape', [x]), g.ints([0])]);
    const flat = g.op('Reshape', [x, g.op('Concat', [rows, g.ints([-1])], { axis: 0 })]);
    const some = g.op('Slice', [flat, g.ints([0]), g.ints([10]), g.ints([1]), g.ints([2])]);
    const [first] = g.ops('Split', 2, [some, g.ints([1, 4])], { axis: 1 });
    return g.op('Squeeze', [g.op('Expand', [g.op('Unsqueeze', [first, g.ints([0])]), g.ints([1, 1, 5])])]);
  }),
];

const OPERATORS = [...new Set(MODELS.flatMap((m) => m.graph.nodes.map((n) => n.op)))];
const ATTRIBUTES = ['axis', 'axes', 'kernel_shape', 'pads', 'strides', 'group', 'epsilon', 'transB', 'to'];

const anAttribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: fc.constantFrom(-1, 0, 1, 7, 2n ** 62n) }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(fc.constantFrom(-1, 0, 2, 2n ** 62n)) }),
  fc.record({ kind: fc.constant('float' as const), value: fc.float() }),
  fc.record({ kind: fc.constant('string' as const), value: fc.uint8Array({ maxLength: 4 }) }),
);
const aTensor = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(DATA_TYPES) as DataType[])),
    dims: fc.array(fc.constantFrom(0, 1, 3, 8), { maxLength: 4 }),
  })
  .map(({ dtype, dims }) => {
    const bits = bitsPerElement(dtype) ?? 0;
    return { dtype, dims, data: new Uint8Array(Math.ceil((elementCount(dims) * bits) / 8)).fill(7) };
  });

/** A change of the node, or of the constant, at a place. */
const aDamage = fc.record({
  at: fc.nat(),
  change: fc.oneof(
    fc.nat(4).map(
      (count) =>
        (n: Node): Node => ({ ...n, inputs: n.inputs.slice(0, count) }),
    ),
    fc.nat(4).map(
      (count) =>
        (n: Node): Node => ({ ...n, outputs: n.outputs.slice(count) }),
    ),
    fc.nat(4).map((by) => (n: Node): Node => {
      return { ...n, inputs: n.inputs.map((_, i) => n.inputs[(i + by) % n.inputs.length]!) };
    }),
    fc.constantFrom(...OPERATORS).map(
      (op) =>
        (n: Node): Node => ({ ...n, op }),
    ),
    fc.tuple(fc.constantFrom(...ATTRIBUTES), anAttribute).map(([name, value]) => (n: Node): Node => {
      return { ...n, attributes: new Map([...n.attributes, [name, value]]) };
    }),
  ),
  constant: fc.option(aTensor),
});

type Damage = typeof aDamage extends fc.Arbitrary<infer T> ? T : never;

function damaged(whole: Model, damages: readonly Damage[]): Model {
  const nodes = [...whole.graph.nodes];
  const initializers = new Map(whole.graph.initializers);
  const names = [...initializers.keys()];
  for (const { at, change, constant } of damages) {
    nodes[at % nodes.length] = change(nodes[at % nodes.length]!);
    const name = names[at % names.length]!;
    if (constant) initializers.set(name, { ...constant, name });
  }
  return { ...whole, graph: { ...whole.graph, nodes, initializers } };
}

it('reports only the mistake of a damaged graph', () => {
  const actions = [inferTypes, checkExecutions, keepZeroPadding, foldBatchNorm, plainConstants, refreshTypes];
  let refused = 0;
  const property = fc.property(
    fc.constantFrom(...MODELS),
    fc.array(aDamage, { minLength: 1, maxLength: 3 }),
    (whole, damages) => {
      let read: Model;
      try {
        read = readModel(writeModel(damaged(whole, damages)));
      } catch (error) {
        expect(error).toBeInstanceOf(OnnxFormatError);
        return;
      }
      for (const act of actions) {
        try {
          act(read);
        } catch (error) {
          expect(error, (error as Error).stack).toBeInstanceOf(GraphError);
          expect((error as Error).message.length).toBeLessThan(700);
          refused++;
        }
      }
    },
  );
  fc.assert(property, { numRuns: 1500, seed: 1 });
  expect(refused).toBeGreaterThan(500);
});
