import { existsSync, readFileSync } from 'node:fs';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, executeBytes, noise } from '../../../test/support/execute.js';
import { GraphBuilder } from '../builder.js';
import { OnnxFormatError } from '../errors.js';
import { float32, float32Values, integerValues, tensorValues } from '../tensor.js';
import { readModel, writeModel, writeModelApart } from './index.js';

/** A message for tests, written by the wire format's own writer: fields by number, in the order given. */
type Fields = readonly (readonly [number, number | bigint | string | Uint8Array | Fields])[];

function encode(fields: Fields): Uint8Array {
  const w = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') w.tag(number, WireType.Varint).int64(value);
    else if (typeof value === 'string') w.tag(number, WireType.LengthDelimited).string(value);
    else w.tag(number, WireType.LengthDelimited).bytes(value instanceof Uint8Array ? value : encode(value));
  }
  return w.finish();
}

/** Which fields hold messages, as far as the tests look into them. */
interface Schema {
  readonly [field: number]: Schema;
}
const TENSOR: Schema = {};
const DIM: Schema = {};
const TYPE: Schema = { 1: { 2: { 1: DIM } } };
const INFO: Schema = { 2: TYPE };
const ATTRIBUTE: Schema = { 5: TENSOR };
const NODE: Schema = { 5: ATTRIBUTE };
const GRAPH: Schema = { 1: NODE, 5: TENSOR, 11: INFO, 12: INFO, 13: INFO };
const MODEL: Schema = { 7: GRAPH, 8: {}, 14: {} };

/** A message's fields regardless of the order of different fields, which has no meaning. */
function canonical(bytes: Uint8Array, schema: Schema): unknown {
  const reader = new BinaryReader(bytes);
  const fields: [number, string][] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const inner = schema[number];
    const raw = inner ? reader.bytes() : reader.skip(wire, number);
    fields.push([number, JSON.stringify(inner ? canonical(raw, inner) : [wire, ...raw])]);
  }
  return fields.sort(([a], [b]) => a - b);
}

const dim = (size: number): Fields => [[1, size]];
const tensorType = (dims: Fields): Fields => [
  [
    1,
    [
      [1, 1],
      [2, dims],
    ],
  ],
];

/** A model with something in every corner that the graph's types do not name. */
const RICH: Fields = [
  [1, 9],
  [2, 'somebody'],
  [3, '1.0'],
  [4, 'org.example'],
  [5, 77n],
  [6, 'what it is'],
  [8, [[2, 20]]],
  [
    8,
    [
      [1, 'com.example'],
      [2, 3],
    ],
  ],
  [
    14,
    [
      [1, 'key'],
      [2, 'value'],
    ],
  ],
  [20, [[1, 'training']]],
  [
    25,
    [
      [1, 'Twice'],
      [4, 'x'],
      [5, 'y'],
    ],
  ],
  [999, 'from the future'],
  [
    7,
    [
      [
        1,
        [
          [1, 'x'],
          [1, ''],
          [1, 'w'],
          [2, 'y'],
          [3, 'node'],
          [4, 'Twice'],
          [6, 'a node'],
          [7, 'com.example'],
          [8, 'overload'],
          [9, [[1, 'namespace']]],
          [
            5,
            [
              [1, 'many'],
              [8, 1],
              [8, -2n],
              [8, 2n ** 62n],
              [13, 'documented'],
              [20, 7],
            ],
          ],
          [
            5,
            [
              [1, 'types'],
              [15, tensorType([])],
              [20, 14],
            ],
          ],
          [
            5,
            [
              [1, 'sparse'],
              [22, [[3, 4]]],
              [20, 11],
            ],
          ],
          [
            5,
            [
              [1, 'text'],
              [4, Uint8Array.of(0xff, 0)],
              [20, 3],
            ],
          ],
        ],
      ],
      [2, 'graph'],
      [
        5,
        [
          [1, 2],
          [2, 3],
          [8, 'w'],
          [9, Uint8Array.of(1, 255)],
          [12, 'a weight'],
          [16, [[1, 'k']]],
        ],
      ],
      [
        5,
        [
          [1, 1],
          [2, 8],
          [6, 'text'],
          [8, 's'],
        ],
      ],
      [10, 'a graph'],
      [
        11,
        [
          [1, 'x'],
          [
            2,
            [
              [
                1,
                [
                  [1, 1],
                  [
                    2,
                    [
                      [
                        1,
                        [
                          [2, 'N'],
                          [3, 'DATA_BATCH'],
                        ],
                      ],
                      [1, dim(3)],
                    ],
                  ],
                ],
              ],
              [6, 'IMAGE'],
            ],
          ],
          [3, 'the picture'],
        ],
      ],
      [
        12,
        [
          [1, 'y'],
          [2, [[4, [[1, tensorType([])]]]]],
        ],
      ],
      [
        13,
        [
          [1, 'inner'],
          [
            2,
            tensorType([
              [1, []],
              [1, dim(5)],
            ]),
          ],
        ],
      ],
      [14, [[1, 'w']]],
      [15, [[3, 4]]],
      [16, [[1, 'k']]],
    ],
  ],
];

describe('readModel and writeModel', () => {
  it('keep every field of a file, named in the graph or not', () => {
    const bytes = encode(RICH);
    const model = readModel(bytes);
    expect(canonical(writeModel(model), MODEL)).toEqual(canonical(bytes, MODEL));
    expect(model.graph.inputs[0]!.type).toEqual({ dtype: 'float32', shape: ['N', 3] });
    expect(model.graph.outputs[0]!.type).toBeUndefined();
    expect(model.graph.valueInfo.get('inner')!.type!.shape).toEqual([null, 5]);
    const node = model.graph.nodes[0]!;
    expect(node.inputs).toEqual(['x', '', 'w']);
    expect(node.attributes.get('many')).toMatchObject({ kind: 'ints', value: [1, -2, 2n ** 62n] });
    expect(node.attributes.get('sparse')!.kind).toBe('other');
    expect([...tensorValues(model.graph.initializers.get('w')!)]).toEqual([1, -1]);
    expect(model.opsets.get('com.example')).toBe(3);
  });

  it('read elements from the typed fields, packed or not, as well as from raw bytes', () => {
    const packed = new BinaryWriter();
    for (const v of [1.5, -2]) packed.float(v);
    const tensors: Fields[] = [
      [
        [1, 2],
        [2, 1],
        [8, 'floats'],
        [4, packed.finish()],
      ],
      [
        [1, 2],
        [2, 7],
        [8, 'longs'],
        [7, 5],
        [7, -6n],
      ],
      [
        [1, 1],
        [2, 3],
        [8, 'bytes'],
        [5, -7n],
      ],
      [
        [1, 1],
        [2, 10],
        [8, 'halves'],
        [5, 0x3c00],
      ],
      [
        [1, 0],
        [2, 1],
        [8, 'empty'],
      ],
    ];
    const graph: Fields = tensors.map((t) => [5, t]);
    const model = readModel(
      encode([
        [1, 8],
        [7, graph],
      ]),
    );
    const get = (name: string) => model.graph.initializers.get(name)!;
    expect([...float32Values(get('floats'))]).toEqual([1.5, -2]);
    expect(integerValues(get('longs'))).toEqual([5, -6]);
    expect(integerValues(get('bytes'))).toEqual([-7]);
    expect([...float32Values(get('halves'))]).toEqual([1]);
    expect(get('empty').data).toHaveLength(0);
  });

  it('take the kind of an attribute from its field if the file states none', () => {
    const attributes: Fields = [
      [
        5,
        [
          [1, 'axis'],
          [3, 2],
        ],
      ],
      [
        5,
        [
          [1, 'perm'],
          [8, 1],
          [8, 0],
        ],
      ],
    ];
    const model = readModel(
      encode([
        [1, 1],
        [7, [[1, [[4, 'Op'], ...attributes]]]],
      ]),
    );
    const found = model.graph.nodes[0]!.attributes;
    expect(found.get('axis')).toEqual({ kind: 'int', value: 2 });
    expect(found.get('perm')).toEqual({ kind: 'ints', value: [1, 0] });
  });

  it.each<[string, Fields, string]>([
    ['no graph', [[1, 8]], 'they hold no graph or no IR version'],
    [
      'an unknown element type',
      [
        [1, 8],
        [7, [[5, [[2, 99]]]]],
      ],
      'Element type 99 is unknown',
    ],
    [
      'too few bytes',
      [
        [1, 8],
        [
          7,
          [
            [
              5,
              [
                [1, 2],
                [2, 1],
                [8, 'w'],
                [9, Uint8Array.of(1)],
              ],
            ],
          ],
        ],
      ],
      "Tensor 'w' of type float32 and shape [2] needs 8 bytes, found 1",
    ],
    [
      'a negative size',
      [
        [1, 8],
        [
          7,
          [
            [
              5,
              [
                [1, -1n],
                [2, 1],
                [8, 'w'],
              ],
            ],
          ],
        ],
      ],
      "Tensor 'w' has a negative size: [-1]",
    ],
    [
      'external data not given',
      [
        [1, 8],
        [
          7,
          [
            [
              5,
              [
                [1, 2],
                [2, 1],
                [8, 'w'],
                [
                  13,
                  [
                    [1, 'location'],
                    [2, 'w.bin'],
                  ],
                ],
                [14, 1],
              ],
            ],
          ],
        ],
      ],
      "Tensor 'w' is in the external file 'w.bin', which is missing",
    ],
  ])('refuse %s', (_, fields, message) => {
    const read = () => readModel(encode(fields));
    expect(read).toThrow(OnnxFormatError);
    expect(read).toThrow(message);
  });

  /** A graph of nodes that hand one value on. */
  const handingOn = (nodes: readonly (readonly [from: string, to: string])[]): Fields => [
    [1, 8],
    [
      7,
      [
        [2, 'main'],
        ...nodes.map(([from, to]): Fields[number] => [
          1,
          [
            [1, from],
            [2, to],
            [3, to],
            [4, 'Relu'],
          ],
        ]),
      ],
    ],
  ];

  it('put nodes in an order in which each comes after what it reads, however many there are', () => {
    const count = 20_000;
    const backwards = Array.from(
      { length: count },
      (_, i) => [`v${count - 1 - i}`, `v${count - i}`] as const,
    );
    const { nodes } = readModel(encode(handingOn(backwards))).graph;
    expect(nodes.map((n) => n.outputs[0])).toEqual(Array.from({ length: count }, (_, i) => `v${i + 1}`));
    const sorted = encode(
      handingOn([
        ['x', 'b'],
        ['x', 'a'],
      ]),
    );
    expect(readModel(sorted).graph.nodes.map((n) => n.name)).toEqual(['b', 'a']);
  });

  it.each([
    [
      'a cycle',
      handingOn([
        ['x', 'a'],
        ['c', 'b'],
        ['b', 'c'],
      ]),
      /^Graph 'main' has a cycle through Relu '[bc]'$/,
    ],
    ['a node that reads its own output', handingOn([['a', 'a']]), "cycle through Relu 'a'"],
    [
      'graphs in graphs without end',
      Array.from({ length: 5_000 }).reduce<Uint8Array>(
        (inner) =>
          encode([
            [
              1,
              [
                [
                  5,
                  [
                    [1, 'body'],
                    [6, inner],
                    [20, 5],
                  ],
                ],
              ],
            ],
          ]),
        new Uint8Array(),
      ),
      'Graphs are nested more than 32 deep',
    ],
  ] as const)('refuse %s', (_, fields, message) => {
    const bytes =
      fields instanceof Uint8Array
        ? encode([
            [1, 8],
            [7, fields],
          ])
        : encode(fields);
    expect(() => readModel(bytes)).toThrow(OnnxFormatError);
    expect(() => readModel(bytes)).toThrow(message);
  });

  it('answer damaged bytes with a model or an OnnxFormatError, nothing else', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    g.output(g.op('Conv', [x, g.parameter('w', 'float32', [2, 3, 1, 1], noise(6))], { strides: [2, 2] }));
    const samples = [writeModel(g.build()), encode(RICH)];
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      length: fc.double({ min: 0, max: 1, noNaN: true }),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    });
    fc.assert(
      fc.property(damage, ({ sample, length, changes }) => {
        const bytes = sample.slice(0, Math.ceil(sample.length * length));
        for (const [at, byte] of changes) if (bytes.length) bytes[at % bytes.length] = byte;
        try {
          writeModel(readModel(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(OnnxFormatError);
        }
      }),
      { numRuns: 4000, seed: 1 },
    );
    for (const text of ['', 'not a model', '{"a": 1}', '<!doctype html><html></html>']) {
      expect(() => readModel(new TextEncoder().encode(text))).toThrow(OnnxFormatError);
    }
  });

  it('keep what a model of another exporter computes', async ({ skip }) => {
    const path = '../shared/reference/yunet/yunet_n_dynamic.onnx';
    if (!existsSync(path)) skip(`${path} is not here`);
    const bytes = new Uint8Array(readFileSync(path));
    const input = float32(
      'input',
      [1, 3, 64, 96],
      noise(3 * 64 * 96).map((v) => 128 * v),
    );
    const before = await executeBytes(bytes, [input], true);
    const after = await executeBytes(writeModel(readModel(bytes)), [input], true);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, result] of before) expect(difference(result, after.get(name)!), name).toBe(0);
  });
});

describe('writeModelApart', () => {
  const g = new GraphBuilder({ opset: 18 });
  const x = g.input('x', 'float32', [300]);
  const large = Float32Array.from({ length: 300 }, (_, i) => i / 7);
  const sum = g.op('Add', [x, g.parameter('large', 'float32', [300], large)]);
  const next = g.op('Add', [sum, g.parameter('next', 'float32', [300], large.toReversed())]);
  g.output(g.op('Mul', [next, g.parameter('small', 'float32', [1], Float32Array.of(3))]), 'y');
  const model = g.build();

  it('gives a graph that refers to its larger constants, each at a line of the cache', () => {
    const { graph, constants } = writeModelApart(model, 'w.data');
    expect(graph.length).toBeLessThan(1024);
    const offsets: number[] = [];
    const read = readModel(graph, {
      external(location, offset, length) {
        expect(location).toBe('w.data');
        offsets.push(offset);
        return constants.subarray(offset, offset + length!);
      },
    });
    expect(offsets).toEqual([0, 1216]);
    expect(writeModel(read)).toEqual(writeModel(model));
  });
});
