import type { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { createSession } from './node.js';
import { type OnnxRuntime, RuntimeError, Session } from './session.js';
import { byteTensor, floatData, floatTensor } from './tensor.js';

/** `sum = a + b` and `product = a · b`. */
function arithmetic(): Uint8Array {
  const g = new GraphBuilder();
  const a = g.input('a', 'float32', ['N']);
  const b = g.input('b', 'float32', ['N']);
  g.output(g.op('Add', [a, b]), 'sum');
  g.output(g.op('Mul', [a, b]), 'product');
  return writeModel(g.build());
}

const vector = (...values: number[]) => floatTensor(Float32Array.from(values), [values.length]);

describe('a session', () => {
  it('runs a model: all its outputs, or those requested', async () => {
    const session = await createSession(arithmetic(), 'arithmetic');
    expect([session.inputNames, session.outputNames]).toEqual([
      ['a', 'b'],
      ['sum', 'product'],
    ]);
    const inputs = { a: vector(1, 2), b: vector(3, 4) };
    const { sum, product } = await session.run(inputs);
    expect([...floatData(sum!), ...floatData(product!)]).toEqual([4, 6, 3, 8]);
    expect(sum!.dims).toEqual([2]);
    expect(Object.keys(await session.run(inputs, ['product']))).toEqual(['product']);
    await session.dispose();
  });

  it('takes what it gave out', async () => {
    const session = await createSession(arithmetic(), 'arithmetic');
    const { sum } = await session.run({ a: vector(1), b: vector(2) });
    const again = await session.run({ a: sum!, b: sum! });
    expect([...floatData(again.sum!)]).toEqual([6]);
    await session.dispose();
  });

  it('reports in one sentence which model failed, and why', async () => {
    const session = await createSession(arithmetic(), 'arithmetic');
    const run = session.run({ a: vector(1, 2), b: vector(1, 2, 3) });
    await expect(run).rejects.toThrow(RuntimeError);
    await expect(run).rejects.toThrow(/^Model 'arithmetic' failed: [^\n]+$/);
    const missing = session.run({ a: vector(1) });
    await expect(missing).rejects.toThrow(/^Model 'arithmetic' failed: .*'b'/);
    await session.dispose();
  });

  it('reports in one sentence which model it cannot load', async () => {
    const load = createSession(Uint8Array.of(1, 2, 3), 'nonsense');
    await expect(load).rejects.toThrow(RuntimeError);
    await expect(load).rejects.toThrow(/^Model 'nonsense' cannot be loaded: [^\n]+$/);
  });

  it.each([
    [{ device: 'gpu' as never }, "device: expected one of cpu, webgpu, cuda, found 'gpu'"],
    [{ threads: 0 }, 'threads: expected a positive whole number, found 0'],
    [{ threads: 1.5 }, 'threads: expected a positive whole number, found 1.5'],
    [{ threads: '2' as never }, "threads: expected a positive whole number, found the text '2'"],
  ])('is not made with %o', async (options, sentence) => {
    const load = createSession(arithmetic(), 'arithmetic', options);
    await expect(load).rejects.toThrow(RangeError);
    await expect(load).rejects.toThrow(sentence);
  });
});

describe('what a session asks ONNX Runtime for', () => {
  class Tensor {
    constructor(
      readonly type: string,
      readonly data: unknown,
      readonly dims: readonly number[],
    ) {}
  }

  /** Notes what it is asked for, and gives its inputs back. */
  /** @param device if it fails; everywhere if left out */
  function fake(fail?: Error, device?: string) {
    const asked: InferenceSession.SessionOptions[] = [];
    const fed: Record<string, Tensor>[] = [];
    const runtime = {
      Tensor,
      create: async (_: Uint8Array, options: InferenceSession.SessionOptions) => {
        asked.push(options);
        if (fail && (device === undefined || options.executionProviders!.includes(device))) throw fail;
        return {
          inputNames: ['a'],
          outputNames: ['a'],
          run: async (feeds: Record<string, Tensor>) => {
            fed.push(feeds);
            return feeds;
          },
          release: async () => {},
          endProfiling: () => {},
        };
      },
    } as unknown as OnnxRuntime;
    return { runtime, asked, fed };
  }

  it('is one device before the CPU, with a number of threads', async () => {
    const { runtime, asked } = fake();
    await Session.create(runtime, new Uint8Array(), 'm');
    await Session.create(runtime, new Uint8Array(), 'm', { device: 'webgpu', onDevice: ['w'], threads: 3 });
    expect(asked.map(({ executionProviders }) => executionProviders)).toEqual([['cpu'], ['webgpu', 'cpu']]);
    expect(asked.map(({ intraOpNumThreads }) => intraOpNumThreads)).toEqual([undefined, 3]);
    expect(asked.map(({ preferredOutputLocation }) => preferredOutputLocation)).toEqual([
      undefined,
      { w: 'gpu-buffer' },
    ]);
  });

  it('lets threads sleep soon, unless they are to stay awake', async () => {
    const { runtime, asked } = fake();
    await Session.create(runtime, new Uint8Array(), 'm');
    await Session.create(runtime, new Uint8Array(), 'm', { spinning: true });
    const spin = { session: { intra_op: { spin_duration_us: expect.any(String) } } };
    expect(asked.map(({ extra }) => extra)).toEqual([spin, undefined]);
  });

  it('is a run on tensors of its own, made from any others', async () => {
    const { runtime, fed } = fake();
    const session = await Session.create(runtime, new Uint8Array(), 'm');
    const own = new Tensor('float32', Float32Array.of(1), [1]);
    await session.run({ a: own as never });
    await session.run({ a: { type: 'int64', dims: [2], data: BigInt64Array.of(3n, 4n) } });
    await session.run({ a: byteTensor(Uint8Array.of(7), [1, 1]) });
    expect(fed[0]!.a).toBe(own);
    expect(fed[1]!.a).toEqual(new Tensor('int64', BigInt64Array.of(3n, 4n), [2]));
    expect(fed[2]!.a).toBeInstanceOf(Tensor);
  });

  it.each([
    [
      'cuda',
      'Failed to load shared library libonnxruntime_providers_cuda.so',
      /^Device cuda: .* is not installed/,
    ],
    [
      'webgpu',
      'Failed to get a WebGPU adapter.\nat Foo',
      /^Device webgpu: no GPU adapter was found .*adapter\.\)$/,
    ],
    [
      'cpu',
      '/onnxruntime_src/a.cc:1 X was false. No such operator',
      /^Model 'm' cannot be loaded: No such operator$/,
    ],
  ] as const)('and lacks, is told: %s', async (device, message, sentence) => {
    const { runtime } = fake(new Error(message), device);
    await expect(Session.create(runtime, new Uint8Array(), 'm', { device })).rejects.toThrow(sentence);
  });

  it.each(['cuda', 'webgpu'] as const)('that %s is not blamed for a model that is wrong', async (device) => {
    const { runtime } = fake(new Error('No such operator'));
    const load = Session.create(runtime, new Uint8Array(), 'm', { device });
    await expect(load).rejects.toThrow(/^Model 'm' cannot be loaded: No such operator$/);
    await expect(load).rejects.toMatchObject({ kind: 'input', code: 'AGEWISE_RUNTIME' });
  });
});
