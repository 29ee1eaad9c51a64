/**
 * Models made to hang, to exhaust memory or the stack, or to be misread: each is refused in one sentence that names it,
 * before ONNX Runtime sees it where that is possible.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { AgewiseError } from '../errors/index.js';
import { testDocument, testInput } from '../metadata/testing.js';
import {
  float,
  type Graph,
  GraphBuilder,
  type Model,
  type Node,
  node,
  type Tensor,
  tensor,
  writeModel,
} from '../onnx/index.js';
import { createSession } from '../runtime/node.js';
import { AgeModel } from './age-model.js';
import { openModel } from './open-model.js';

const SIDE = 4;
const CLASSES = Array.from({ length: 12 }, (_, age) => age);
const FEATURES = 3 * SIDE * SIDE;

const DOCUMENT = testDocument({
  name: 'odd',
  input: testInput({ width: SIDE, height: SIDE }),
  age: { name: 'age', activation: 'logits', classes: CLASSES },
});

interface Made {
  readonly constants?: readonly Tensor[];
  /** Bytes appended to the model's: fields that the graph does not interpret. */
  readonly functions?: readonly Uint8Array[];
}

/** A model with these nodes between `image` and `age`; a value `features` becomes `age` by a product. */
function made(nodes: readonly Node[], { constants = [], functions = [] }: Made = {}): Uint8Array {
  const g = new GraphBuilder();
  g.output(g.op('Flatten', [g.input('image', 'float32', ['N', 3, SIDE, SIDE])]), 'age');
  const model = g.build();
  const weights = tensor(
    'weights',
    'float32',
    [FEATURES, CLASSES.length],
    new Float32Array(FEATURES * CLASSES.length),
  );
  const initializers = new Map([weights, ...constants].map((t) => [t.name, t]));
  const outputs = [{ name: 'age', type: { dtype: 'float32', shape: ['N', CLASSES.length] } }] as const;
  const all = nodes.some(({ outputs: names }) => names.includes('age')) ? nodes : [...nodes, ...END];
  const whole: Model = {
    ...model,
    graph: { ...model.graph, nodes: all, initializers, outputs, valueInfo: new Map() },
  };
  const writer = new BinaryWriter().raw(writeModel(whole));
  for (const bytes of functions) writer.tag(25, WireType.LengthDelimited).bytes(bytes);
  if (functions.length > 0) writer.tag(8, WireType.LengthDelimited).bytes(opset('own', 1));
  return writer.finish();
}

const END = [node('Flatten', ['features'], ['flat']), node('MatMul', ['flat', 'weights'], ['age'])];

const opset = (domain: string, version: number): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(domain)
    .tag(2, WireType.Varint)
    .int64(version)
    .finish();

/** A function of the domain `own`, in the fields of ONNX's FunctionProto, from `x` to `y`. */
function func(name: string, nodes: readonly Node[], overload?: string): Uint8Array {
  const g = new GraphBuilder();
  g.output(g.op('Relu', [g.input('x', 'float32', [1])]), 'y');
  const plain = g.build();
  const bytes = writeModel({ ...plain, graph: { ...plain.graph, nodes, outputs: [], inputs: [] } });
  const w = new BinaryWriter();
  const text = (field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value);
  text(1, name);
  text(4, 'x');
  text(5, 'y');
  for (const one of nodesIn(bytes)) w.tag(7, WireType.LengthDelimited).bytes(one);
  w.tag(9, WireType.LengthDelimited)
    .bytes(opset('', 17))
    .tag(9, WireType.LengthDelimited)
    .bytes(opset('own', 1));
  text(10, 'own');
  if (overload !== undefined) text(13, overload);
  return w.finish();
}

/** The encoded nodes of a model. */
function nodesIn(model: Uint8Array): Uint8Array[] {
  const fields = (bytes: Uint8Array, wanted: number): Uint8Array[] => {
    const found: Uint8Array[] = [];
    const view = { at: 0 };
    const varint = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[view.at++]!;
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
    };
    while (view.at < bytes.length) {
      const tag = varint();
      if ((tag & 7) === 0) varint();
      else if ((tag & 7) === 2) {
        const length = varint();
        if (tag >> 3 === wanted) found.push(bytes.subarray(view.at, view.at + length));
        view.at += length;
      } else throw new Error('other fields');
    }
    return found;
  };
  return fields(fields(model, 7)[0]!, 1);
}

const own = (op: string, from = 'x', to = 'y'): Node => node(op, [from], [to], {}, 'own');

/** The body of a loop that carries a picture; `inner` nodes stand beside. */
function body(inner: readonly Node[] = [], constants: readonly Tensor[] = []): Graph {
  const g = new GraphBuilder({ name: 'body' });
  g.input('turn', 'int64', []);
  g.output(g.op('Identity', [g.input('go', 'bool', [])]), 'going');
  g.output(g.op('Identity', [g.input('carried', 'float32', [null, null, null, null])]), 'next');
  const { graph } = g.build();
  return {
    ...graph,
    nodes: [...graph.nodes, ...inner],
    initializers: new Map([...graph.initializers, ...constants.map((t): [string, Tensor] => [t.name, t])]),
  };
}

const loop = (count: string, inner: Graph = body(), from = 'image', to = 'features'): Node =>
  node('Loop', [count, 'on', from], [to], { body: inner });
const scalar = (name: string, value: bigint | number) => tensor(name, 'int64', [], [BigInt(value)]);
const on = tensor('on', 'bool', [], [1]);
const HUGE = 2n ** 62n;

/** A graph without inputs that says what `nodes` make of values around it. */
function branch(nodes: readonly Node[], output: string, constants: readonly Tensor[] = []): Graph {
  const g = new GraphBuilder({ name: 'branch' });
  g.output(g.op('Relu', [g.input('a', 'float32', [1])]), 'b');
  const { graph } = g.build();
  return {
    ...graph,
    nodes,
    inputs: [],
    outputs: [{ name: output, type: { dtype: 'float32', shape: undefined } }],
    initializers: new Map(constants.map((t) => [t.name, t])),
  };
}

/** `levels` functions of which each calls the next as often as `times` says, one after another. */
function nested(
  levels: number,
  times: number,
  wrap: (calls: readonly Node[]) => readonly Node[] = (n) => n,
): Uint8Array[] {
  return Array.from({ length: levels }, (_, i) => {
    const callee = i === levels - 1 ? undefined : `F${i + 1}`;
    const calls = Array.from({ length: times }, (_, k): Node => {
      const [from, to] = [k === 0 ? 'x' : `v${k}`, k === times - 1 ? 'y' : `v${k + 1}`];
      return callee ? own(callee, from, to) : node('Relu', [from], [to]);
    });
    return func(`F${i}`, wrap(calls));
  });
}

const inIf = (calls: readonly Node[]): readonly Node[] => [
  node('Constant', [], ['yes'], { value: tensor('', 'bool', [], [1]) }),
  node('If', ['yes'], ['y'], {
    then_branch: branch(
      calls.map((n) => (n.outputs[0] === 'y' ? { ...n, outputs: ['then'] } : n)),
      'then',
    ),
    else_branch: branch([node('Identity', ['x'], ['else'])], 'else'),
  }),
];

const chain = (length: number, op = 'Identity'): Node[] =>
  Array.from({ length }, (_, i) =>
    node(op, [i === 0 ? 'image' : `v${i}`], [i === length - 1 ? 'features' : `v${i + 1}`]),
  );

const sequence = (name: string) => node('SequenceConstruct', ['image'], [name]);

type Case = readonly [kind: string, make: () => Uint8Array, problem: string | RegExp];

const REFUSED: readonly Case[] = [
  // Loops.
  [
    'a loop of 2^62 turns',
    () => made([loop('n')], { constants: [scalar('n', HUGE), on] }),
    'must execute at most',
  ],
  [
    'a loop of a million turns and one',
    () => made([loop('n')], { constants: [scalar('n', 1_000_001), on] }),
    'must execute at most',
  ],
  [
    'a loop without a count',
    () => made([loop('')], { constants: [on] }),
    'must have a known number of iterations',
  ],
  [
    'a loop whose count is made by a Constant node',
    () => made([node('Constant', [], ['n'], { value: scalar('', HUGE) }), loop('n')], { constants: [on] }),
    'must execute at most',
  ],
  [
    'a loop whose count is made by a Constant node of value_int',
    () => made([node('Constant', [], ['n'], { value_int: HUGE }), loop('n')], { constants: [on] }),
    /must execute at most|must have a known number/,
  ],
  [
    'a loop whose count is computed',
    () => made([node('Mul', ['a', 'a'], ['n']), loop('n')], { constants: [scalar('a', 2n ** 31n), on] }),
    'must execute at most',
  ],
  [
    'a loop in a branch',
    () =>
      made(
        [
          node('If', ['on'], ['features'], {
            then_branch: branch([loop('n', body(), 'image', 'then')], 'then', [scalar('n', HUGE)]),
            else_branch: branch([node('Identity', ['image'], ['else'])], 'else'),
          }),
        ],
        { constants: [on] },
      ),
    'must execute at most',
  ],
  [
    'loops in loops, each moderate',
    () => {
      const inner = body([loop('m', body(), 'carried', 'unused')], [scalar('m', 5000)]);
      return made([loop('n', inner)], { constants: [scalar('n', 5000), on] });
    },
    'must execute at most',
  ],
  [
    'a loop in the body of a SequenceMap, which is not inferred',
    () => {
      const g = new GraphBuilder({ name: 'each' });
      g.output(g.op('Identity', [g.input('item', 'float32', [null, null, null, null])]), 'same');
      const { graph } = g.build();
      const inner = { ...graph, nodes: [...graph.nodes, loop('n', body(), 'item', 'unused')] };
      const map = node('SequenceMap', ['seq'], ['mapped'], { body: inner });
      const first = node('SequenceAt', ['mapped', 'zero'], ['features']);
      return made([sequence('seq'), map, first], { constants: [scalar('n', HUGE), scalar('zero', 0), on] });
    },
    'must have a known number of iterations',
  ],
  [
    'a Scan over more than there will ever be',
    () => {
      const g = new GraphBuilder({ name: 'each' });
      g.output(g.op('Identity', [g.input('item', 'float32', [0])]), 'same');
      const scan = node('Scan', ['none'], ['scanned'], { body: g.build().graph, num_scan_inputs: 1 });
      const none = { name: 'none', dtype: 'float32', dims: [2 ** 40, 0], data: new Uint8Array() } as const;
      return made([scan, node('Identity', ['image'], ['features'])], { constants: [none] });
    },
    'must execute at most',
  ],
  // Functions.
  [
    'functions nested to 2^30',
    () => made([own('F0', 'image', 'features')], { functions: nested(30, 2) }),
    'must execute at most',
  ],
  [
    'functions nested to 3^20',
    () => made([own('F0', 'image', 'features')], { functions: nested(20, 3) }),
    'must execute at most',
  ],
  [
    'functions nested to 2^30 in branches',
    () => made([own('F0', 'image', 'features')], { functions: nested(30, 2, inIf) }),
    'must execute at most',
  ],
  [
    'a chain of 2,000 functions, for which ONNX Runtime needs a minute',
    () => made([own('F0', 'image', 'features')], { functions: nested(2000, 1) }),
    'must be nested at most 100 deep',
  ],
  [
    'functions that call each other',
    () =>
      made([own('A', 'image', 'features')], { functions: [func('A', [own('B')]), func('B', [own('A')])] }),
    'calls itself',
  ],
  [
    'a function that calls itself in a branch',
    () => made([own('A', 'image', 'features')], { functions: [func('A', inIf([own('A')]))] }),
    'calls itself',
  ],
  [
    'overloads of a function that call each other',
    () =>
      made([own('A', 'image', 'features')], {
        functions: [func('A', [own('A')], 'one'), func('A', [own('A')], 'two')],
      }),
    'calls itself',
  ],
  [
    'a function with a loop of 2^62 turns',
    () =>
      made([own('A', 'image', 'features')], {
        functions: [
          func('A', [
            node('Constant', [], ['n'], { value: scalar('', HUGE) }),
            node('Constant', [], ['on'], { value: on }),
            loop('n', body(), 'x', 'y'),
          ]),
        ],
      }),
    'must execute at most',
  ],
  // Graphs that are none.
  [
    'a node that reads its own output',
    () => made([node('Identity', ['features'], ['features'])]),
    'has a cycle through Identity',
  ],
  [
    'a cycle of three nodes',
    () =>
      made(
        ['a', 'b', 'c']
          .map((name, i) => node('Relu', ['bca'[i]!], [name]))
          .concat(node('Identity', ['a'], ['features'])),
      ),
    'has a cycle through Relu',
  ],
  [
    'a cycle through the body of a branch',
    () =>
      made(
        [
          node('If', ['on'], ['features'], {
            then_branch: branch([node('Identity', ['later'], ['then'])], 'then'),
            else_branch: branch([node('Identity', ['image'], ['else'])], 'else'),
          }),
          node('Relu', ['features'], ['later']),
        ],
        { constants: [on] },
      ),
    'has a cycle through',
  ],
  [
    'a cycle in the body of a loop',
    () =>
      made([loop('n', body([node('Relu', ['q'], ['p']), node('Relu', ['p'], ['q'])]))], {
        constants: [scalar('n', 2), on],
      }),
    "Graph 'body' has a cycle through Relu",
  ],
  [
    'bodies nested 40 deep',
    () => made([nestedLoops(40)], { constants: [scalar('n', 1), on] }),
    'nested more than 32 deep',
  ],
  // Attributes and tensors of other types.
  [
    'a pooling without its size',
    () =>
      made([node('Pad', ['image', 'ones'], ['q']), node('MaxPool', ['q'], ['p']), padded()], {
        constants: [tensor('ones', 'int64', [8], [0, 0, 1, 1, 0, 0, 1, 1])],
      }),
    /MaxPool|kernel_shape/,
  ],
  [
    'a count of text',
    () =>
      made([loop('n')], {
        constants: [
          { name: 'n', dtype: 'string', dims: [], data: new Uint8Array(), strings: [new Uint8Array([49])] },
          on,
        ],
      }),
    /iterations|Loop/,
  ],
  [
    'a count of several numbers',
    () => made([loop('n')], { constants: [tensor('n', 'int64', [2], [HUGE, HUGE]), on] }),
    /execute|iterations|Loop/,
  ],
  [
    'strides of text',
    () => made([node('MaxPool', ['image'], ['p'], { kernel_shape: [2, 2], strides: 'two' }), padded()]),
    "Attribute 'strides' of MaxPool 'p' must be ints, found string",
  ],
  [
    'pads of fractions',
    () => made([node('MaxPool', ['image'], ['p'], { kernel_shape: [2, 2], pads: float(1) }), padded()]),
    "Attribute 'pads' of MaxPool 'p' must be ints, found float",
  ],
  [
    'an attribute of another type',
    () => made([node('Softmax', ['image'], ['features'], { axis: 'last' })]),
    "Attribute 'axis' of Softmax 'features' must be int, found string",
  ],
  // Values and products of any size.
  ...(
    [
      ['Expand', ['one', 'size']],
      ['ConstantOfShape', ['size']],
      ['Tile', ['image', 'times']],
      ['Pad', ['image', 'amounts']],
      ['Resize', ['image', '', 'scales']],
    ] as const
  ).map(
    ([op, inputs]): Case => [
      `a value of ${op} that no memory has room for`,
      () =>
        made([node(op, inputs, ['large']), ...greatest('large')], {
          constants: [
            tensor('one', 'float32', [1], [1]),
            tensor('size', 'int64', [2], [200_000n, 200_000n]),
            tensor('times', 'int64', [4], [1n, 1n, 30_000n, 30_000n]),
            tensor('amounts', 'int64', [8], [0, 0, 0, 0, 0, 0, 90_000, 90_000]),
            tensor('scales', 'float32', [4], [1, 1, 30_000, 30_000]),
          ],
        }),
      `with ${op} 'large' must have values of at most 4 GiB`,
    ],
  ),
  [
    'many values that no memory has room for together',
    () =>
      made(
        [
          ...Array.from({ length: 200 }, (_, i) => node('ConstantOfShape', ['size'], [`v${i}`])),
          ...greatest('v0'),
        ],
        { constants: [tensor('size', 'int64', [1], [2n ** 26n])] },
      ),
    'must have values of at most 4 GiB',
  ],
  [
    'a large value in a branch',
    () =>
      made(
        [
          node('If', ['on'], ['features'], {
            then_branch: branch(
              [node('ConstantOfShape', ['size'], ['large']), ...greatest('large', 'then')],
              'then',
            ),
            else_branch: branch([node('Identity', ['image'], ['else'])], 'else'),
          }),
        ],
        { constants: [on, tensor('size', 'int64', [1], [2n ** 40n])] },
      ),
    'must have values of at most 4 GiB',
  ],
  [
    'products that take hours',
    () =>
      made(
        [
          node('ConstantOfShape', ['size'], ['p0']),
          ...Array.from({ length: 4 }, (_, i) => node('MatMul', [`p${i}`, 'p0'], [`p${i + 1}`])),
          ...greatest('p4'),
        ],
        { constants: [tensor('size', 'int64', [2], [8000n, 8000n])] },
      ),
    'must compute at most 10^12 multiply-adds',
  ],
  ...(
    [
      ['MaxPool', ['p'], { kernel_shape: [9000, 9000] }],
      ['AveragePool', ['p'], { kernel_shape: [9000, 9000] }],
      ['LRN', ['p'], { size: 20_001 }],
      ['ConvInteger', ['q', 'kernel'], {}],
      ['Einsum', ['p', 'p'], { equation: 'abij, abkl -> abi' }],
    ] as const
  ).map(
    ([op, inputs, attributes]): Case => [
      `windows of ${op} that take hours`,
      () =>
        made(
          [
            node('ConstantOfShape', ['size'], ['p']),
            node('Cast', ['p'], ['q'], { to: 2 }),
            node(op, inputs, ['r'], attributes),
            node('Cast', ['r'], ['s'], { to: 1 }),
            ...greatest('s'),
          ],
          {
            constants: [
              tensor('size', 'int64', [4], [1n, 1n, 12_000n, 12_000n]),
              tensor('kernel', 'uint8', [1, 1, 300, 300], new Uint8Array(90_000)),
            ],
          },
        ),
      'must compute at most 10^12 multiply-adds',
    ],
  ),
  [
    'a large value in a function',
    () =>
      made([own('F', 'image', 'features')], {
        functions: [
          func('F', [
            node('Constant', [], ['size'], { value: tensor('', 'int64', [1], [2n ** 40n]) }),
            node('ConstantOfShape', ['size'], ['large']),
            node('ReduceMax', ['large'], ['most'], { keepdims: 0 }),
            node('Add', ['x', 'most'], ['y']),
          ]),
        ],
      }),
    "ConstantOfShape 'large' must have values of at most 4 GiB",
  ],
  [
    'a large value behind a function',
    () =>
      made([own('F', 'image', 'same'), node('Tile', ['same', 'times'], ['large']), ...greatest('large')], {
        constants: [tensor('times', 'int64', [4], [1n, 1n, 30_000n, 30_000n])],
        functions: [func('F', [node('Identity', ['x'], ['y'])])],
      }),
    "Tile 'large' must have values of at most 4 GiB",
  ],
];

/** Nodes that add the greatest element of a value to the picture. */
const greatest = (value: string, to = 'features'): Node[] => [
  node('ReduceMax', [value], [`${value}.most`], { keepdims: 0 }),
  node('Add', ['image', `${value}.most`], [to]),
];

const padded = () => node('Identity', ['p'], ['features']);

function nestedLoops(depth: number, from = 'image'): Node {
  if (depth === 0) return node('Identity', [from], ['features']);
  const inner = nestedLoops(depth - 1, 'carried');
  return loop('n', body([{ ...inner, outputs: [`u${depth}`] }]), from);
}

/** ONNX Runtime alone knows what is wrong with these, or they are right. */
const LEFT_TO_RUNTIME: readonly (readonly [
  kind: string,
  make: () => Uint8Array,
  problem: string | undefined,
])[] = [
  [
    'a body that is a number',
    () =>
      made([node('Loop', ['n', 'on', 'image'], ['features'], { body: 3 })], {
        constants: [scalar('n', 2), on],
      }),
    'cannot be loaded',
  ],
  ['a chain of 20,000 nodes', () => made(chain(20_000)), undefined],
  ['a chain of 20,000 nodes in reverse order', () => made(chain(20_000).reverse()), undefined],
  [
    'a chain of 90 functions',
    () => made([own('F0', 'image', 'features')], { functions: nested(90, 1) }),
    undefined,
  ],
  ['a loop of three turns', () => made([loop('n')], { constants: [scalar('n', 3), on] }), undefined],
  [
    'functions nested to 2^10',
    () => made([own('F0', 'image', 'features')], { functions: nested(10, 2) }),
    undefined,
  ],
  ['an unknown operator', () => made([node('Nonesuch', ['image'], ['features'])]), 'cannot be loaded'],
  [
    'two nodes with one output',
    () => made([node('Relu', ['image'], ['features']), node('Abs', ['image'], ['features'])]),
    'cannot be loaded',
  ],
  [
    'a cycle in a function',
    () =>
      made([own('A', 'image', 'features')], {
        functions: [
          func('A', [node('Relu', ['b'], ['a']), node('Relu', ['a'], ['b']), node('Add', ['x', 'b'], ['y'])]),
        ],
      }),
    'cannot be loaded',
  ],
];

const load = async (bytes: Uint8Array, create: typeof createSession) =>
  AgeModel.load(openModel({ bytes, name: 'odd', metadata: DOCUMENT }), create, { gender: false, threads: 1 });

const ONE_SENTENCE = /^Model 'odd'[^\n]*$/;

describe('a model', () => {
  it.each(REFUSED)('with %s is refused before ONNX Runtime sees it', async (_, make, problem) => {
    const bytes = make();
    const started = performance.now();
    const loading = load(bytes, () => Promise.reject(new Error('a session was made')));
    const error = await loading.then(
      () => undefined,
      (refused: Error) => refused,
    );
    expect(error).toBeInstanceOf(AgewiseError);
    expect(error!.message).toMatch(ONE_SENTENCE);
    expect(error!.message).toMatch(problem);
    expect(error!.message.length).toBeLessThan(400);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each(LEFT_TO_RUNTIME)(
    'with %s is loaded, or refused by ONNX Runtime in a sentence',
    async (_, make, problem) => {
      const loading = load(make(), createSession);
      if (problem === undefined) {
        const model = await loading;
        expect(await model.predict(new Float32Array(FEATURES), 1)).toHaveLength(1);
        await model.dispose();
        return;
      }
      await expect(loading).rejects.toThrow(AgewiseError);
      await expect(loading).rejects.toThrow(ONE_SENTENCE);
      await expect(loading).rejects.toThrow(problem);
    },
  );
});
