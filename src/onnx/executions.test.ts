import { describe, expect, it } from 'vitest';
import { execute } from '../../test/support/execute.js';
import { GraphBuilder, type Value } from './builder.js';
import { FUNCTION, GRAPH, MODEL, MODEL_FUNCTIONS } from './codec/fields.js';
import { readModel, writeModel } from './codec/index.js';
import { GraphError } from './errors.js';
import { checkExecutions } from './executions.js';
import type { Graph, Model, Node } from './graph.js';
import { node } from './node.js';
import { float32, tensor } from './tensor.js';

/** The body of a loop: a turn's number, whether to go on, one value that grows by 1; `inner` nodes stand beside. */
function body(inner: readonly Node[] = []): Graph {
  const g = new GraphBuilder({ name: 'body' });
  g.input('turn', 'int64', []);
  g.output(g.op('Identity', [g.input('go', 'bool', [])]), 'going');
  g.output(g.op('Add', [g.input('carried', 'float32', [1]), g.scalar(1)]), 'next');
  const { graph } = g.build();
  return { ...graph, nodes: [...graph.nodes, ...inner] };
}

type Count = (g: GraphBuilder, x: Value) => Value | undefined;

/** Carries a number through a loop that turns as often as `count` says. */
function looping(count: Count, inner?: readonly Node[]): Model {
  const g = new GraphBuilder({ name: 'looping' });
  const x = g.input('x', 'float32', ['N', 3]);
  const go = g.constant(tensor('', 'bool', [], [1]));
  const inputs = [count(g, x), go, g.constant(float32('', [1], [0]))];
  const types = [{ dtype: 'float32', shape: [1] } as const];
  const attributes = { body: body(inner) };
  g.output(g.custom('', 'Loop', 1, inputs, { attributes, types, name: 'loop' })[0], 'y');
  return g.build();
}

const turns =
  (count: number | bigint): Count =>
  (g) =>
    g.scalar(count, 'int64');
const batch: Count = (g, x) => g.op('Squeeze', [g.op('Shape', [x], { start: 0, end: 1 })]);
const lookingAtData: Count = (g, x) =>
  g.op('Cast', [g.op('ReduceMax', [x], { keepdims: 0 })], { to: 'int64' });

/** A model that calls the first of some functions of a domain of its own. */
function calling(functions: Readonly<Record<string, readonly Node[]>>): Model {
  const g = new GraphBuilder({ name: 'calling' });
  g.output(g.op('Relu', [g.input('x', 'float32', [1])]), 'y');
  const plain = g.build();
  const encoded = Object.entries(functions).map(([op, own]) => {
    const bytes = writeModel({ ...plain, graph: { ...plain.graph, nodes: own } });
    const { nodes } = GRAPH.decode(MODEL.decode(bytes).graph!);
    return FUNCTION.encode({ domain: 'own', op, nodes });
  });
  const nodes = [own(Object.keys(functions)[0]!)];
  const model = { ...plain, graph: { ...plain.graph, nodes } };
  return readModel(writeModel({ ...model, rest: MODEL_FUNCTIONS.encode({ functions: encoded }) }));
}

const own = (op: string): Node => node(op, ['x'], ['y'], {}, 'own');
const loopNode = (count: string, inner?: readonly Node[]): Node =>
  node('Loop', [count, 'go', 'carried'], ['out'], { body: body(inner) });

/** Each function calls the next one twice. */
const doubling = (levels: number) =>
  Object.fromEntries(
    Array.from({ length: levels }, (_, i) => [
      `F${i}`,
      i === levels - 1 ? [node('Relu', ['x'], ['y'])] : [own(`F${i + 1}`), own(`F${i + 1}`)],
    ]),
  );

describe('checkExecutions', () => {
  it('passes loops whose turns are few or those of a batch, and they run', async () => {
    const x = float32('x', [2, 3], [1, 2, 3, 4, 5, 6]);
    for (const [count, expected] of [
      [turns(4), 4],
      [batch, 2],
    ] as const) {
      const model = looping(count);
      expect(() => checkExecutions(model)).not.toThrow();
      expect([...((await execute(model, [x])).get('y')!.values as Float32Array)]).toEqual([expected]);
    }
  });

  it.each<[string, Count, readonly Node[], string]>([
    ['of too many turns', turns(2n ** 62n), [], "Loop 'loop' must execute at most 1000000 nodes"],
    ['without a count', () => undefined, [], "Loop 'loop' must have a known number of iterations"],
    [
      'of a count that the data tell',
      lookingAtData,
      [],
      "Loop 'loop' must have a known number of iterations",
    ],
    [
      'of a count that is computed',
      (g) => g.op('Mul', [g.scalar(2 ** 30, 'int64'), g.scalar(2 ** 20, 'int64')]),
      [],
      "Loop 'loop' must execute",
    ],
    [
      'in a loop, of moderate turns each',
      turns(10_000),
      [node('Constant', [], ['n'], { value: tensor('', 'int64', [], [10_000]) }), loopNode('n')],
      "Loop 'loop' must execute",
    ],
  ])('refuses a loop %s', (_, count, inner, message) => {
    const model = readModel(writeModel(looping(count, inner)));
    expect(() => checkExecutions(model)).toThrow(GraphError);
    expect(() => checkExecutions(model)).toThrow(message);
  });

  it('counts the nodes of functions wherever they are called', () => {
    expect(() => checkExecutions(calling(doubling(12)))).not.toThrow();
    expect(() => checkExecutions(calling(doubling(30)))).toThrow('Function own.F');
    expect(() => checkExecutions(calling(doubling(30)))).toThrow(GraphError);
  });

  it('counts what functions compute as often as a loop around their calls turns', () => {
    const shape = node('Constant', [], ['shape'], { value: tensor('', 'int64', [2], [1000, 1000]) });
    const square = [shape, node('ConstantOfShape', ['shape'], ['a']), node('MatMul', ['a', 'a'], ['y'])];
    const { rest } = calling({ F: square });
    const often = (count: number): Model => ({ ...looping(turns(count), [own('F')]), rest: rest! });
    expect(() => checkExecutions(readModel(writeModel(often(900))))).not.toThrow();
    expect(() => checkExecutions(readModel(writeModel(often(1100))))).toThrow(
      "Loop 'loop' must compute at most 10^12 multiply-adds, found 1100000000000",
    );
  });

  it('counts the samples of regions', () => {
    const aligning = (attributes: Readonly<Record<string, number>>, side: number | null = 300): Model => {
      const g = new GraphBuilder({ name: 'aligning' });
      const maps = g.input('x', 'float32', ['N', 64, 1000, 1000]);
      const corners = Array.from({ length: 400 }, (_, i) => (i % 4 < 2 ? 5 : 5 + side!));
      const regions =
        side === null ? g.input('regions', 'float32', [100, 4]) : g.constant(float32('', [100, 4], corners));
      const pictures = g.constant(tensor('', 'int64', [100], new Array(100).fill(0)));
      const size = { output_height: 100, output_width: 100 };
      g.output(g.op('RoiAlign', [maps, regions, pictures], { ...size, ...attributes }), 'y');
      return g.build();
    };
    expect(() => checkExecutions(aligning({ sampling_ratio: 2 }))).not.toThrow();
    expect(() => checkExecutions(aligning({}))).not.toThrow();
    expect(() => checkExecutions(aligning({ sampling_ratio: 1000 }))).toThrow('multiply-adds');
    expect(() => checkExecutions(aligning({ sampling_ratio: 2 }, null))).not.toThrow();
    for (const side of [1e9, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => checkExecutions(aligning({}, side))).toThrow('multiply-adds');
    expect(() => checkExecutions(aligning({ spatial_scale: 1e5 }))).toThrow('multiply-adds');
    expect(() => checkExecutions(aligning({}, null))).toThrow(
      /RoiAlign '.+' must have known regions or a sampling_ratio above 0, found neither/,
    );
  });

  it('follows functions that call functions further than the stack is deep, and refuses to nest them so', () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`F${i}`, [own(`F${i + 1}`)]]));
    expect(() => checkExecutions(calling(chain(20_000)))).toThrow(GraphError);
    expect(() => checkExecutions(calling(chain(20_000)))).toThrow('must be nested at most 100 deep');
    expect(() => checkExecutions(calling(chain(100)))).not.toThrow();
  });

  it('refuses a function that calls itself, and one that loops without end', () => {
    expect(() => checkExecutions(calling({ A: [own('B')], B: [own('A')] }))).toThrow(
      /Function own\.[AB] calls itself/,
    );
    expect(() => checkExecutions(calling({ A: [loopNode('x')] }))).toThrow(
      "Loop 'out' must have a known number of iterations",
    );
  });
});
