/**
 * `/v2` against the public specification: every path and field of open_inference_rest.yaml (kserve/open-inference-protocol)
 * and the headers of extension_binary_data.md (triton-inference-server/server).
 */
import Ajv from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageError } from '../../vision/index.js';
import { createApp } from '../app.js';
import { readInference, type Signature } from '../inference/index.js';
import { Metrics } from '../metrics.js';
import { MemoryBudget } from '../requests/index.js';
import { poolOf, type RunTasks, settingsWith } from '../testing.js';
import { type ChildAnswer, type ChildTask, type PictureAnswer, RefusalError } from '../workers/index.js';

const TOKEN = 'correct-horse-battery';
const FACES: PictureAnswer = { width: 64, height: 48, faces: [] };
const SIGNATURE: Signature = {
  inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 2, 2] }],
  outputs: [
    { name: 'age', datatype: 'FP32', shape: [-1, 4] },
    { name: 'gender', datatype: 'FP32', shape: [-1, 2] },
  ],
};

let app: FastifyInstance;
let done: ChildTask[] = [];

/** A network whose answers are sums of what it was given, so that each has its own. */
function answer(task: ChildTask): ChildAnswer {
  switch (task.do) {
    case 'read':
      return readInference(task.body, task.jsonBytes, task.signature);
    case 'run': {
      const sums = Array.from({ length: task.count }, (_, i) =>
        task.image.subarray(12 * i, 12 * (i + 1)).reduce((a, b) => a + b, 0),
      );
      if (sums.some(Number.isNaN)) throw new ImageError('image', 'numbers', 'none');
      return {
        age: Float32Array.from(sums.flatMap((sum) => [sum, 0.25, 0.5, 0.1])),
        gender: Float32Array.from(sums.flatMap((sum) => [sum, 1])),
      };
    }
    case 'estimate': {
      const text = String(Buffer.from(task.picture));
      if (text === 'bad') throw new ImageError('image', 'an image', 'text');
      if (text === 'full') throw new RefusalError('full');
      if (text === 'slow') throw new RefusalError('deadline');
      return { ...FACES, width: text.length };
    }
    default:
      throw new Error(`unexpected task ${task.do}`);
  }
}

async function made(changes: object = {}, ready = 1): Promise<FastifyInstance> {
  const settings = settingsWith(changes);
  const run: RunTasks = (tasks) =>
    tasks.map(async (task) => {
      done.push(task);
      return { answer: answer(task), waited: 1, worked: 2 };
    });
  const pool = { ...poolOf(run), state: { ready, busy: 0, waiting: 0 } };
  const models = [{ name: 'some-model', metadata: {} as never, signature: SIGNATURE }];
  const bodies = new MemoryBudget(1e9);
  const services = { settings, pool, models, metrics: new Metrics(), bodies };
  return createApp({ services, version: '1.2.3' });
}

beforeAll(async () => {
  app = await made();
});
afterAll(() => app.close());

const post = (url: string, payload: object | Buffer | string, headers: Record<string, string> = {}) => {
  done = [];
  return app.inject({
    method: 'POST',
    url,
    headers,
    payload: Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
};

/** The objects of the specification: what each must hold, and of what type. */
const tensor = {
  type: 'object',
  required: ['name', 'shape', 'datatype'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    datatype: { enum: ['BOOL', 'FP32', 'BYTES'] },
    parameters: { type: 'object' },
    data: { type: 'array', items: { type: ['number', 'string', 'boolean', 'array'] } },
  },
};
const OBJECTS = {
  metadata_server_response: {
    type: 'object',
    required: ['name', 'version', 'extensions'],
    properties: {
      name: { type: 'string' },
      version: { type: 'string' },
      extensions: { type: 'array', items: { type: 'string' } },
    },
  },
  metadata_model_response: {
    type: 'object',
    required: ['name', 'platform'],
    properties: {
      name: { type: 'string' },
      versions: { type: 'array', items: { type: 'string' } },
      platform: { type: 'string' },
      inputs: { type: 'array', items: tensor },
      outputs: { type: 'array', items: tensor },
    },
  },
  ready_model_response: {
    type: 'object',
    required: ['name', 'ready'],
    properties: { name: { type: 'string' }, ready: { type: 'boolean' } },
  },
  health_response: { type: 'object', required: ['live'], properties: { live: { type: 'boolean' } } },
  inference_response: {
    type: 'object',
    required: ['model_name', 'outputs'],
    properties: {
      model_name: { type: 'string' },
      model_version: { type: 'string' },
      id: { type: 'string' },
      parameters: { type: 'object' },
      outputs: { type: 'array', items: { ...tensor, required: [...tensor.required, 'data'] } },
    },
  },
  error_response: {
    type: 'object',
    required: ['error'],
    additionalProperties: false,
    properties: { error: { type: 'string' } },
  },
} as const;

const ajv = new Ajv.default({ allowUnionTypes: true });
function expectObject(name: keyof typeof OBJECTS, value: unknown): void {
  const validate = ajv.compile(OBJECTS[name]);
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
}

const IMAGE = { name: 'image', shape: [1, 3, 2, 2], datatype: 'FP32', data: Array(12).fill(0.5) };
const FILE = { name: 'image', shape: [1], datatype: 'BYTES', data: [Buffer.from('file').toString('base64')] };
const NETWORK = '/v2/models/some-model';
const PIPELINE = '/v2/models/agewise';

describe('every path of the specification', () => {
  it.each<[string, string, keyof typeof OBJECTS, object | undefined]>([
    ['GET', '/v2/health/live', 'health_response', undefined],
    ['GET', '/v2/health/ready', 'health_response', undefined],
    ['GET', '/v2', 'metadata_server_response', undefined],
    ['GET', '/v2/', 'metadata_server_response', undefined],
    ...[NETWORK, `${NETWORK}/versions/1`, PIPELINE, `${PIPELINE}/versions/1`].flatMap(
      (model): [string, string, keyof typeof OBJECTS, object | undefined][] => [
        ['GET', model, 'metadata_model_response', undefined],
        ['GET', `${model}/ready`, 'ready_model_response', undefined],
        [
          'POST',
          `${model}/infer`,
          'inference_response',
          { id: 'an-id', inputs: [model.startsWith(PIPELINE) ? FILE : IMAGE] },
        ],
      ],
    ),
  ])('%s %s answers 200 with a %s', async (method, url, object, payload) => {
    const response = await app.inject({
      method: method as 'GET',
      url,
      ...(payload && { payload: JSON.stringify(payload) }),
    });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expectObject(object, response.json());
  });

  it('describes the server as clients of Triton expect', async () => {
    expect((await app.inject('/v2')).json()).toEqual({
      name: 'agewise',
      version: '1.2.3',
      extensions: ['binary_tensor_data', 'parameters'],
    });
    expect((await app.inject(NETWORK)).json()).toEqual({
      name: 'some-model',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      ...SIGNATURE,
    });
    expect((await app.inject(PIPELINE)).json()).toMatchObject({
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [-1] }],
      outputs: [{ name: 'faces', datatype: 'BYTES', shape: [-1] }],
    });
  });

  it('answers 4xx to health if the server is not ready', async () => {
    const ending = await made({}, 0);
    for (const [url, status] of [
      ['/v2/health/live', 200],
      ['/v2/health/ready', 400],
      [`${NETWORK}/ready`, 400],
    ] as const) {
      expect((await ending.inject(url)).statusCode, url).toBe(status);
    }
    await ending.close();
  });
});

describe('every error', () => {
  it.each<[string, 'GET' | 'POST', string, string | Buffer | object, Record<string, string>, number, string]>(
    [
      [
        'an unknown model',
        'GET',
        '/v2/models/some-mode',
        '',
        {},
        400,
        "there is no model 'some-mode' among 'agewise', 'some-model'; did you mean 'some-model'?",
      ],
      ['its readiness', 'GET', '/v2/models/x/ready', '', {}, 400, "there is no model 'x'"],
      [
        'inference with it',
        'POST',
        '/v2/models/x/infer',
        { inputs: [IMAGE] },
        {},
        400,
        "there is no model 'x'",
      ],
      [
        'an unknown version',
        'GET',
        `${NETWORK}/versions/2`,
        '',
        {},
        400,
        "Model 'some-model': expected version 1, found version '2'",
      ],
      [
        'inference with it',
        'POST',
        `${NETWORK}/versions/2/infer`,
        { inputs: [IMAGE] },
        {},
        400,
        'expected version 1',
      ],
      ['an unknown path', 'GET', '/v2/model', '', {}, 400, 'expected a route'],
      ['another method', 'GET', `${NETWORK}/infer`, '', {}, 400, 'expected a route'],
      ['half an escape', 'GET', '/v2/models/%f', '', {}, 400, ''],
      ['no body', 'POST', `${NETWORK}/infer`, '', {}, 400, 'expected a JSON object'],
      ['no JSON', 'POST', `${NETWORK}/infer`, 'x', {}, 400, 'expected a JSON object'],
      [
        'another input',
        'POST',
        `${NETWORK}/infer`,
        { inputs: [{ ...IMAGE, name: 'img' }] },
        {},
        400,
        "there is no input 'img'",
      ],
      [
        'a wrong length of the JSON part',
        'POST',
        `${NETWORK}/infer`,
        '{}',
        { 'inference-header-content-length': '3' },
        400,
        'Inference-Header-Content-Length: expected',
      ],
      [
        'numbers without a finite answer',
        'POST',
        `${NETWORK}/infer`,
        withBinary(Float32Array.from({ length: 12 }, () => Number.NaN)).body,
        withBinary(new Float32Array(12)).headers,
        400,
        'image: expected numbers',
      ],
      [
        'too many images',
        'POST',
        `${PIPELINE}/infer`,
        { inputs: [{ ...FILE, shape: [17], data: Array(17).fill('AAAA') }] },
        {},
        413,
        'image: expected at most 16 images, found 17',
      ],
      [
        'a parameter that is out of range',
        'POST',
        `${PIPELINE}/infer`,
        { inputs: [FILE], parameters: { maxFaces: 1000 } },
        {},
        400,
        'maxFaces: expected a whole number from 1 to 100',
      ],
      [
        'a full queue',
        'POST',
        `${PIPELINE}/infer`,
        { inputs: [{ ...FILE, data: [Buffer.from('full').toString('base64')] }] },
        {},
        503,
        'try again later',
      ],
      [
        'a compressed body',
        'POST',
        `${NETWORK}/infer`,
        'x',
        { 'content-encoding': 'gzip' },
        415,
        'Content-Encoding: expected none',
      ],
      ['a type that is none', 'POST', `${NETWORK}/infer`, 'x', { 'content-type': 'nonsense;;' }, 415, ''],
    ],
  )('%s: %s %s', async (_, method, url, payload, headers, status, sentence) => {
    const response = method === 'GET' ? await app.inject({ method, url }) : await post(url, payload, headers);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expectObject('error_response', response.json());
    expect(response.json().error).toContain(sentence);
    if (status === 503) expect(response.headers['retry-after']).toBe('1');
  });

  it('has the same form for a missing token, a body that is too large, and too many requests', async () => {
    const strict = await made({ token: TOKEN, rateLimit: 2, maxBodyMegabytes: 0.001 });
    const statuses = [];
    for (const headers of [{}, { authorization: `Bearer ${TOKEN}` }, {}]) {
      const response = await strict.inject({
        method: 'POST',
        url: `${NETWORK}/infer`,
        headers,
        payload: Buffer.alloc(2000),
      });
      statuses.push(response.statusCode);
      expectObject('error_response', response.json());
    }
    expect(statuses).toEqual([401, 413, 429]);
    expect((await strict.inject('/v2/health/live')).statusCode).toBe(200);
    await strict.close();
  });
});

/** A request with two prepared faces in binary. */
function withBinary(values: Float32Array, more: object = {}) {
  const input = { ...IMAGE, shape: [values.length / 12, 3, 2, 2], data: undefined };
  const head = Buffer.from(
    JSON.stringify({ ...more, inputs: [{ ...input, parameters: { binary_data_size: values.byteLength } }] }),
  );
  return {
    body: Buffer.concat([head, new Uint8Array(values.buffer)]),
    headers: { 'inference-header-content-length': String(head.length) },
  };
}

describe('inference', () => {
  it('runs a network on tensors, in JSON', async () => {
    const response = await post(`${NETWORK}/infer`, {
      id: '42',
      inputs: [{ ...IMAGE, shape: [2, 3, 2, 2], data: [...Array(12).fill(0.5), ...Array(12).fill(2)] }],
    });
    expect(response.json()).toEqual({
      model_name: 'some-model',
      model_version: '1',
      id: '42',
      outputs: [
        {
          name: 'age',
          datatype: 'FP32',
          shape: [2, 4],
          data: [6, 0.25, 0.5, Math.fround(0.1), 24, 0.25, 0.5, Math.fround(0.1)],
        },
        { name: 'gender', datatype: 'FP32', shape: [2, 2], data: [6, 1, 24, 1] },
      ],
    });
    expect(response.headers).not.toHaveProperty('inference-header-content-length');
  });

  it('takes and returns binary tensors, with the length of the JSON part both ways', async () => {
    const { body, headers } = withBinary(
      Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 0.5 : 2)),
      {
        parameters: { binary_data_output: true },
        outputs: [{ name: 'gender', parameters: { binary_data: false } }, { name: 'age' }],
      },
    );
    const response = await post(`${NETWORK}/versions/1/infer`, body, headers);
    expect(response.headers['content-type']).toBe('application/octet-stream');
    const jsonBytes = Number(response.headers['inference-header-content-length']);
    expect(Number(response.headers['content-length'])).toBe(jsonBytes + 32);
    const { outputs } = JSON.parse(response.rawPayload.subarray(0, jsonBytes).toString());
    expect(outputs).toEqual([
      { name: 'gender', datatype: 'FP32', shape: [2, 2], data: [6, 1, 24, 1] },
      { name: 'age', datatype: 'FP32', shape: [2, 4], parameters: { binary_data_size: 32 } },
    ]);
    expect(response.rawPayload.readFloatLE(jsonBytes)).toBe(6);
    expect(response.rawPayload.readFloatLE(jsonBytes + 16)).toBe(24);
  });

  it('parses large requests in a child process', async () => {
    const { body, headers } = withBinary(new Float32Array(12 * 2000));
    expect((await post(`${NETWORK}/infer`, body, headers)).statusCode).toBe(200);
    expect(done.map((task) => task.do)).toEqual(['run']);
    const large = { inputs: [{ ...IMAGE, shape: [2000, 3, 2, 2], data: Array(24_000).fill(0.25) }] };
    const response = await post(`${NETWORK}/infer`, large);
    expect(response.json().outputs[0].shape).toEqual([2000, 4]);
    expect(done.map((task) => task.do)).toEqual(['read', 'run']);
    expect(
      (await post(`${NETWORK}/infer`, { ...large, inputs: [], x: 'x'.repeat(70_000) })).json().error,
    ).toBe("inputs: expected 'image', found none of this name");
  });

  it('runs the whole pipeline on files, with the parameters of an estimate', async () => {
    const files = ['good', 'bad', 'slow', 'better'].map((text) => Buffer.from(text));
    const binary = Buffer.concat(
      files.flatMap((file) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(file.length);
        return [length, file];
      }),
    );
    const head = Buffer.from(
      JSON.stringify({
        parameters: { distribution: true, atLeast: '18,25', maxFaces: 3, priority: 0 },
        inputs: [{ ...FILE, shape: [4], data: undefined, parameters: { binary_data_size: binary.length } }],
      }),
    );
    const response = await post(`${PIPELINE}/infer`, Buffer.concat([head, binary]), {
      'inference-header-content-length': String(head.length),
    });
    expectObject('inference_response', response.json());
    const [output] = response.json().outputs;
    expect(output).toMatchObject({ name: 'faces', datatype: 'BYTES', shape: [4] });
    const faces = output.data.map((text: string) => JSON.parse(text));
    expect(faces.map(({ width }: { width?: number }) => width)).toEqual([4, undefined, undefined, 6]);
    expect(faces[1].error).toMatchObject({ status: 422, detail: 'image 1: expected an image, found text' });
    expect(faces[2].error).toMatchObject({ status: 422 });
    expect(done[0]).toMatchObject({
      faces: { maxFaces: 3 },
      details: { distribution: true, atLeast: [18, 25] },
    });
  });

  it('returns texts in binary, each after its length', async () => {
    const response = await post(`${PIPELINE}/infer`, {
      inputs: [FILE],
      outputs: [{ name: 'faces', parameters: { binary_data: true } }],
    });
    const jsonBytes = Number(response.headers['inference-header-content-length']);
    const bytes = response.rawPayload.subarray(jsonBytes);
    expect(bytes.readUInt32LE(0)).toBe(bytes.length - 4);
    expect(JSON.parse(bytes.subarray(4).toString())).toEqual({ ...FACES, width: 4 });
  });
});
