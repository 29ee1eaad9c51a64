import { describe, expect, it } from 'vitest';
import { RequestError } from '../requests/index.js';
import { jsonBytesOf, readInference, type Signature } from './request.js';
import { writeInference } from './response.js';
import type { Datatype } from './tensors.js';

/** The model of the examples of inference_rest.md and extension_binary_data.md: mymodel. */
const MY_MODEL: Signature = {
  inputs: [
    { name: 'input0', datatype: 'UINT32', shape: [2, 2] },
    { name: 'input1', datatype: 'BOOL', shape: [3] },
  ],
  outputs: [{ name: 'output0', datatype: 'FP32', shape: [3, 2] }],
};
const OUTPUT0 = { name: 'output0', datatype: 'FP32' as const, shape: [3, 2] };

const one = (datatype: Datatype, shape: readonly number[]): Signature => ({
  inputs: [{ name: 'x', datatype, shape }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
});

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

function read(value: unknown, signature = MY_MODEL, ...binary: Uint8Array[]) {
  const head = json(value);
  return readInference(Buffer.concat([head, ...binary]), head.length, signature);
}

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).status).toBe(400);
    return (error as Error).message;
  }
  return 'none';
}

/** Bytes of 32-bit numbers, in the order that the specification states. */
function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

const INPUT0 = { name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] };
const INPUT1 = { name: 'input1', shape: [3], datatype: 'BOOL', data: [true, false, true] };
const EXAMPLE = { id: '42', inputs: [INPUT0, INPUT1], outputs: [{ name: 'output0' }] };

describe('the examples of the specifications', () => {
  it('as JSON: request and response', () => {
    const { id, inputs, outputs } = read(EXAMPLE);
    expect(inputs).toEqual({
      input0: { shape: [2, 2], data: Uint32Array.of(1, 2, 3, 4) },
      input1: { shape: [3], data: Uint8Array.of(1, 0, 1) },
    });
    const data = Float32Array.of(1, 1.5, 2, 2.5, 3, 3.5);
    const { body, jsonBytes } = writeInference(
      { model_name: 'mymodel', model_version: '1', id: id! },
      outputs,
      new Map([['output0', { ...OUTPUT0, data }]]),
    );
    expect(jsonBytes).toBeUndefined();
    expect(JSON.parse(String(body))).toEqual({
      model_name: 'mymodel',
      model_version: '1',
      id: '42',
      outputs: [{ ...OUTPUT0, data: [...data] }],
    });
  });

  it('unchanged, with one element for a shape of three, is refused', () => {
    const inputs = [INPUT0, { ...INPUT1, data: [true] }];
    expect(complaint(() => read({ ...EXAMPLE, inputs }))).toBe(
      'input1: expected 3 elements for its shape, found 1',
    );
  });

  it('in binary: 19 bytes after the JSON part in, 24 out', () => {
    const head = {
      model_name: 'mymodel',
      inputs: [
        { name: 'input0', shape: [2, 2], datatype: 'UINT32', parameters: { binary_data_size: 16 } },
        { name: 'input1', shape: [3], datatype: 'BOOL', parameters: { binary_data_size: 3 } },
      ],
      outputs: [{ name: 'output0', parameters: { binary_data: true } }],
    };
    const { inputs, outputs } = read(head, MY_MODEL, uint32(1, 2, 3, 2 ** 32 - 1), Buffer.of(1, 0, 1));
    expect(inputs.input0!.data).toEqual(Uint32Array.of(1, 2, 3, 2 ** 32 - 1));
    expect(inputs.input1!.data).toEqual(Uint8Array.of(1, 0, 1));
    const data = Float32Array.of(1, 1.1, 2, 2.1, 3, 3.1);
    const { body, jsonBytes } = writeInference(
      { model_name: 'mymodel', model_version: '1' },
      outputs,
      new Map([['output0', { ...OUTPUT0, data }]]),
    );
    expect(body.length).toBe(jsonBytes! + 24);
    expect(JSON.parse(String(body.subarray(0, jsonBytes)))).toEqual({
      model_name: 'mymodel',
      model_version: '1',
      outputs: [{ ...OUTPUT0, parameters: { binary_data_size: 24 } }],
    });
    expect([...data].map((_, i) => body.readFloatLE(jsonBytes! + 4 * i))).toEqual([...data]);
  });

  it('the matrix of "Tensor Data", in its natural form and flattened', () => {
    for (const data of [
      [
        [1, 2],
        [4, 5],
      ],
      [1, 2, 4, 5],
    ]) {
      const request = { inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', data }] };
      expect(read(request, one('FP32', [2, 2])).inputs.x!.data).toEqual(Float32Array.of(1, 2, 4, 5));
    }
  });
});

describe('tensors', () => {
  it.each<[Datatype, unknown[], ArrayLike<unknown>, string]>([
    ['BOOL', [true, false], Uint8Array.of(1, 0), '0100'],
    ['UINT8', [0, 255], Uint8Array.of(0, 255), '00ff'],
    ['INT8', [-128, 127], Int8Array.of(-128, 127), '807f'],
    ['UINT16', [1, 65_535], Uint16Array.of(1, 65_535), '0100ffff'],
    ['INT16', [-2, 32_767], Int16Array.of(-2, 32_767), 'feffff7f'],
    ['UINT32', [1, 4_294_967_295], Uint32Array.of(1, 4_294_967_295), '01000000ffffffff'],
    ['INT32', [-1, 2], Int32Array.of(-1, 2), 'ffffffff02000000'],
    ['UINT64', [1, 2], BigUint64Array.of(1n, 2n), '01000000000000000200000000000000'],
    ['INT64', [-1, 2], BigInt64Array.of(-1n, 2n), 'ffffffffffffffff0200000000000000'],
    ['FP32', [1.5, -2], Float32Array.of(1.5, -2), '0000c03f000000c0'],
    ['FP64', [1.5, -2], Float64Array.of(1.5, -2), '000000000000f83f00000000000000c0'],
    ['BYTES', ['AP8=', ''], [Buffer.of(0, 255), Buffer.alloc(0)], '0200000000ff00000000'],
  ])('of %s are the same from JSON and from bytes', (datatype, data, expected, hex) => {
    const signature = one(datatype, [-1]);
    const bytes = Buffer.from(hex, 'hex');
    const input = { name: 'x', shape: [2], datatype };
    expect([...(read({ inputs: [{ ...input, data }] }, signature).inputs.x!.data as [])]).toEqual([
      ...(expected as []),
    ]);
    const binary = { ...input, parameters: { binary_data_size: bytes.length } };
    // An odd beginning: elements need not lie where their size divides the address.
    const spaced = read({ inputs: [binary], id: 'x' }, signature, bytes).inputs.x!.data as [];
    expect([...spaced].map((element) => (datatype === 'BYTES' ? Buffer.from(element) : element))).toEqual([
      ...(expected as []),
    ]);
  });

  it.each<[string, object, string]>([
    [
      'a wrong kind of value',
      { data: [1, 'a', 3, 4] },
      "input0, element 1: expected a whole number of 32 bits, found 'a'",
    ],
    [
      'a number too large',
      { data: [1, 2, 3, 2 ** 32] },
      'input0, element 3: expected a whole number of 32 bits, found 4294967296',
    ],
    [
      'a fraction',
      { data: [1, 2, 3, 0.5] },
      'input0, element 3: expected a whole number of 32 bits, found 0.5',
    ],
    ['too few', { data: [1, 2, 3] }, 'input0: expected 4 elements for its shape, found 3'],
    ['no list', { data: 7 }, 'input0: expected a list as its data, found 7'],
    ['no data', { data: undefined }, 'input0: expected a list as its data, found none'],
    [
      'lists of other lengths',
      { data: [[1], [2, 3, 4]] },
      'input0: expected lists nested as its shape, [2, 2], found others',
    ],
    [
      'lists too deep',
      {
        data: [
          [[1], [2]],
          [[3], [4]],
        ],
      },
      'input0, element 0: expected a whole number of 32 bits, found a list',
    ],
    ['another shape', { shape: [4] }, 'input0, shape: expected [2, 2], found [4]'],
    ['a side of none', { shape: [0, 2] }, 'inputs.0.shape.0: Too small: expected number to be >=1'],
    ['half a side', { shape: [0.5, 2] }, 'inputs.0.shape.0: expected int, found number'],
    ['another type', { datatype: 'INT32' }, "input0, datatype: expected 'UINT32', found 'INT32'"],
    [
      'another name',
      { name: 'input' },
      "inputs: there is no input 'input' among 'input0', 'input1'; did you mean 'input0'?",
    ],
    ['the name of another', { name: 'input1' }, "input1, datatype: expected 'BOOL', found 'UINT32'"],
    [
      'data and binary data',
      { parameters: { binary_data_size: 0 } },
      'input0: expected data or binary data, found both',
    ],
    [
      'shared memory',
      { parameters: { shared_memory_region: 'a' } },
      "input0: its parameter 'shared_memory_region' is not supported",
    ],
    ['a parameter that is a list', { parameters: { a: [] } }, 'inputs.0.parameters.a: '],
  ])('with %s are refused', (_, change, sentence) => {
    expect(complaint(() => read({ ...EXAMPLE, inputs: [{ ...INPUT0, ...change }, INPUT1] }))).toContain(
      sentence,
    );
  });

  it.each<[string, number, Buffer, string]>([
    [
      'of another size',
      12,
      uint32(1, 2, 3),
      'input0: expected 16 bytes of binary data for its shape, found 12',
    ],
    [
      'beyond the body',
      16,
      uint32(1),
      'input0, binary_data_size: expected a number of bytes from 0 to 4, found 16',
    ],
    [
      'of a negative size',
      -4,
      uint32(1),
      'input0, binary_data_size: expected a number of bytes from 0 to 4, found -4',
    ],
    [
      'with bytes left over',
      16,
      uint32(1, 2, 3, 4, 5),
      'request: expected a body that ends with its tensors, after ',
    ],
  ])('in binary %s are refused', (_, size, bytes, sentence) => {
    const { data: __, ...input } = INPUT0;
    const request = { inputs: [INPUT1, { ...input, parameters: { binary_data_size: size } }] };
    expect(complaint(() => read(request, MY_MODEL, bytes))).toContain(sentence);
  });

  it.each<[string, Buffer]>([
    ['that end in a length', Buffer.concat([uint32(1), Buffer.from('a'), Buffer.of(1, 0)])],
    [
      'that are longer than the data',
      Buffer.concat([uint32(1), Buffer.from('a'), uint32(9), Buffer.from('b')]),
    ],
    ['that are fewer than the shape', Buffer.concat([uint32(1), Buffer.from('a')])],
    ['of four gigabytes', Buffer.concat([uint32(0xffffffff), Buffer.from('a')])],
    ['that are more', Buffer.concat([uint32(0), uint32(0), uint32(0)])],
  ])('of BYTES with elements %s are refused', (_, bytes) => {
    const input = {
      name: 'x',
      shape: [2],
      datatype: 'BYTES',
      parameters: { binary_data_size: bytes.length },
    };
    expect(complaint(() => read({ inputs: [input] }, one('BYTES', [-1]), bytes))).toBe(
      'x: expected 2 elements that fill its binary data, each after its length, found others',
    );
  });

  it('of BOOL in binary may hold only 0 and 1, and BYTES in JSON must be base64', () => {
    const input = { name: 'x', shape: [1], datatype: 'BOOL', parameters: { binary_data_size: 1 } };
    expect(complaint(() => read({ inputs: [input] }, one('BOOL', [1]), Buffer.of(2)))).toBe(
      'x: expected bytes of 0 and 1, found others',
    );
    const text = { name: 'x', shape: [1], datatype: 'BYTES', data: ['not base64!'] };
    expect(complaint(() => read({ inputs: [text] }, one('BYTES', [1])))).toContain("found 'not base64!'");
  });
});

describe('a request', () => {
  it.each<[string, unknown, string]>([
    ['that is no object', [1], 'request: expected object, found array'],
    ['without inputs', {}, 'inputs: expected array, found undefined'],
    ['with an id that is a number', { ...EXAMPLE, id: 42 }, 'id: expected string, found number'],
    ['without one of the inputs', { inputs: [INPUT0] }, "inputs: expected 'input1', found none of this name"],
    [
      'with an input twice',
      { inputs: [INPUT0, INPUT0, INPUT1] },
      "inputs: expected 'input0' once, found it twice",
    ],
    [
      'for an unknown output',
      { ...EXAMPLE, outputs: [{ name: 'a' }] },
      "outputs: there is no output 'a' among 'output0'",
    ],
    [
      'for an output twice',
      { ...EXAMPLE, outputs: [{ name: 'output0' }, { name: 'output0' }] },
      "outputs: expected 'output0' once, found it twice",
    ],
    [
      'for classes',
      { ...EXAMPLE, outputs: [{ name: 'output0', parameters: { classification: 3 } }] },
      "output0: its parameter 'classification' is not supported",
    ],
    [
      'of a sequence',
      { ...EXAMPLE, parameters: { sequence_id: 1 } },
      "request: its parameter 'sequence_id' is not supported",
    ],
    [
      'with a switch that is a text',
      { ...EXAMPLE, parameters: { binary_data_output: 'true' } },
      "request, binary_data_output: expected true or false, found 'true'",
    ],
  ])('%s is refused', (_, request, sentence) => {
    expect(complaint(() => read(request))).toContain(sentence);
  });

  it('is refused if it is not JSON, or not UTF-8', () => {
    for (const bytes of [Buffer.from('{"inputs": ['), Buffer.of(0x22, 0xff, 0x22), Buffer.alloc(0)]) {
      expect(complaint(() => readInference(bytes, bytes.length, MY_MODEL))).toBe(
        'request: expected a JSON object, found something else',
      );
    }
    // As deep as a body allows.
    const deep = Buffer.from(
      `{"inputs":[{"name":"input0","shape":[2,2],"datatype":"UINT32","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`,
    );
    expect(complaint(() => readInference(deep, deep.length, MY_MODEL))).toContain('input0: ');
  });

  it('may request all outputs in binary, with exceptions', () => {
    const two: Signature = {
      ...MY_MODEL,
      outputs: ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [1] })),
    };
    const outputs = (request: object) => read({ inputs: [INPUT0, INPUT1], ...request }, two).outputs;
    const binary = { parameters: { binary_data_output: true } };
    expect(outputs({})).toEqual([
      { name: 'a', binary: false },
      { name: 'b', binary: false },
    ]);
    expect(outputs(binary)).toEqual([
      { name: 'a', binary: true },
      { name: 'b', binary: true },
    ]);
    expect(
      outputs({ ...binary, outputs: [{ name: 'b', parameters: { binary_data: false } }, { name: 'a' }] }),
    ).toEqual([
      { name: 'b', binary: false },
      { name: 'a', binary: true },
    ]);
    // Triton's clients send parameters for servers that know them.
    expect(outputs({ parameters: { priority: 1, timeout: 2 }, other: true })).toHaveLength(2);
  });

  it('gives the length of its JSON part in a header', () => {
    expect(jsonBytesOf(undefined, 7)).toBe(7);
    expect(jsonBytesOf('3', 7)).toBe(3);
    for (const header of ['8', '-1', '1e0', '', ' 3', '0x3', ['3', '4']]) {
      expect(complaint(() => jsonBytesOf(header, 7))).toBe(
        `Inference-Header-Content-Length: expected a number of bytes from 0 to 7, found '${header}'`,
      );
    }
  });
});
