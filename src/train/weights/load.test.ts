import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  classificationHead,
  Layers,
  type Network,
  networkOf,
  randomWeights,
  type WeightSource,
} from '../../networks/index.js';
import { writeModelFile } from '../../onnx/file.js';
import {
  float32,
  foldBatchNorm,
  GraphBuilder,
  type Model,
  type Tensor,
  tensor,
  toFloat16,
} from '../../onnx/index.js';
import { ModelFileError } from '../../registry/node.js';
import { saveCheckpoint } from '../checkpoint.js';
import { writeSafetensors } from '../safetensors.js';
import { WeightsError } from './error.js';
import { type LoadWeightsOptions, loadedFirst, loadWeights, parameterShapes, type Shapes } from './load.js';
import { type KerasWeightsByName, writeKeras } from './testing.js';

const folder = mkdtempSync(join(tmpdir(), 'agewise-weights-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const network: Network = {
  name: 'small',
  title: 'Small',
  source: '',
  input: { width: 4, height: 4, color: 'RGB', mean: [0, 0, 0], scale: [1, 1, 1] },
  classifier: 'fc',
  build: (l, images) =>
    l.relu(l.dense(l.globalPool(l.norm(l.conv(images, 'conv1', 4, 1), 'bn1')), 'hidden', 4)),
  keras: { layers: { conv1: 'c', bn1: 'b', hidden: 'h', fc: 'predictions' } },
};

const SHAPES = parameterShapes(network);
const withHead = (outputs: number) =>
  new Map([...SHAPES, ['age_head.weight', [4, outputs]], ['age_head.bias', [outputs]]]);

/** Numbers that say which parameter and which place they are of. */
const numbered = (seed: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => seed + i / 16);

const inOrder = (names: Iterable<string>) => Object.fromEntries([...names].map((name, i) => [name, 10 * i]));
const SEEDS = inOrder(withHead(3).keys());

const valuesOf = (name: string, dims: readonly number[]) =>
  numbered(
    SEEDS[name]!,
    dims.reduce((a, b) => a * b, 1),
  );

const turned = (values: Float32Array, inputs: number, outputs: number) =>
  Float32Array.from(
    { length: values.length },
    (_, i) => values[(i % inputs) * outputs + Math.floor(i / inputs)]!,
  );

/** The tensors as PyTorch has them: matrices [out, in], and counters, which are not needed. */
function torchTensors(shapes: Shapes = withHead(3), prefix = ''): Tensor[] {
  const tensors = [...shapes].map(([name, dims]) => {
    const values = valuesOf(name, dims);
    const published = prefix + name.replace('age_head', 'fc');
    return dims.length === 2
      ? float32(published, dims.toReversed(), turned(values, dims[0]!, dims[1]!))
      : float32(published, dims, values);
  });
  return tensors;
}

const write = (name: string, tensors: readonly Tensor[]) => {
  const path = join(folder, name);
  writeFileSync(path, writeSafetensors(tensors));
  return path;
};

async function load(path: string, options: LoadWeightsOptions = {}) {
  const notices: string[] = [];
  const loaded = await loadWeights(path, network, { ...options, onNotice: (text) => notices.push(text) });
  return { loaded, notices };
}

function expectAll(
  loaded: ReadonlyMap<string, Float32Array>,
  shapes: ReadonlyMap<string, readonly number[]>,
) {
  expect([...loaded.keys()]).toEqual([...shapes.keys()]);
  for (const [name, dims] of shapes) expect([...loaded.get(name)!], name).toEqual([...valuesOf(name, dims)]);
}

const build = (weights: WeightSource, outputs = 3): Model => {
  const g = new GraphBuilder();
  const l = new Layers(g, weights);
  const end = network.build(l, g.input('images', 'float32', ['N', 3, 4, 4]));
  g.output(classificationHead(l, end, outputs, { name: 'age_head' }), 'logits');
  return g.build();
};

describe('safetensors of PyTorch', () => {
  it('fill a network and a head of the size of its classifier, square matrices turned round too', async () => {
    const { loaded, notices } = await load(write('torch.safetensors', torchTensors()), {
      shapes: withHead(3),
    });
    expectAll(loaded, withHead(3));
    expect(notices).toEqual([]);
  });

  it('leave a head of another size out, and say so', async () => {
    const path = write('other-head.safetensors', torchTensors());
    const { loaded, notices } = await load(path, { shapes: withHead(5) });
    expectAll(loaded, SHAPES);
    expect(notices).toEqual([
      `${path}: 'age_head' starts with random weights: 'fc.weight' must be [5, 4], found [3, 4], 'fc.bias' must be [5], found [3]`,
    ]);
  });

  it('say what is not used if no head is requested', async () => {
    const path = write('no-head.safetensors', torchTensors());
    expect((await load(path)).notices).toEqual([`${path}: not used: fc.weight and fc.bias`]);
  });

  it('may have a prefix before all names', async () => {
    const path = write('prefixed.safetensors', torchTensors(SHAPES, 'backbone.'));
    expectAll((await load(path, { prefix: 'backbone.' })).loaded, SHAPES);
    await expect(load(path)).rejects.toThrow(/'conv1.weight' is missing/);
  });

  it('may be of fewer bits, and hold counters', async () => {
    const path = join(folder, 'half.safetensors');
    const halves = torchTensors(SHAPES).map((t) => tensor(t.name, 'float16', t.dims, numbersOf(t)));
    const counter = tensor('bn1.num_batches_tracked', 'int64', [], [7n]);
    writeFileSync(path, rawSafetensors([...halves, counter]));
    const { loaded, notices } = await load(path);
    expectAll(loaded, SHAPES);
    expect(notices).toEqual([]);
  });

  it('that do not fit are refused in one sentence that names each', async () => {
    const tensors = torchTensors(SHAPES).flatMap((t) => {
      if (t.name === 'conv1.weight') return [float32(t.name, [4, 5, 1, 1], new Float32Array(20))];
      return t.name.startsWith('bn1') ? [] : [t];
    });
    const path = write('wrong.safetensors', [...tensors, float32('conv1.bias', [4], [1, 2, 3, 4])]);
    await expect(load(path)).rejects.toThrow(
      new WeightsError(
        `${path}: 'conv1.weight' must be [4, 3, 1, 1], found [4, 5, 1, 1], 'conv1.bias' is there, 'conv1' has none and 'bn1.weight' is missing`,
      ),
    );
  });
});

const numbersOf = (t: Tensor) => new Float32Array(Uint8Array.from(t.data).buffer);

/** A file with types that only others write. */
function rawSafetensors(tensors: readonly Tensor[]): Uint8Array {
  const types: Record<string, string> = { float16: 'F16', int64: 'I64' };
  let offset = 0;
  const entries = tensors.map((t) => {
    const entry = { dtype: types[t.dtype], shape: t.dims, data_offsets: [offset, offset + t.data.length] };
    offset += t.data.length;
    return [t.name, entry];
  });
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...tensors.map((t) => t.data)]);
}

describe('files of ours', () => {
  const source: WeightSource = (name, dims) => valuesOf(name, dims);

  it('a checkpoint fills network and head unchanged', async () => {
    const path = join(folder, 'best.safetensors');
    const state = new Map(
      [...withHead(3)].map(([name, dims]) => [name, float32(name, dims, valuesOf(name, dims))]),
    );
    state.set('momentum', float32('momentum', [2], [1, 2]));
    await saveCheckpoint(path, { state, progress: { step: 3 } });
    const { loaded, notices } = await load(path, { shapes: withHead(3) });
    expectAll(loaded, withHead(3));
    expect(notices).toEqual([]);
  });

  it('a model fills network and head, weights of 16 bits too', async () => {
    for (const model of [build(source), toFloat16(build(source))]) {
      const path = join(folder, 'model.onnx');
      await writeModelFile(path, model);
      expectAll((await load(path, { shapes: withHead(3) })).loaded, withHead(3));
    }
  });

  it('a model of PyTorch is turned round if its Gemm says so', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 4]);
    const weight = g.parameter(
      'hidden.weight',
      'float32',
      [4, 4],
      turned(valuesOf('hidden.weight', [4, 4]), 4, 4),
    );
    const bias = g.parameter('hidden.bias', 'float32', [4], valuesOf('hidden.bias', [4]));
    g.output(g.op('Gemm', [x, weight, bias], { transB: 1 }));
    const path = join(folder, 'torch.onnx');
    await writeModelFile(path, g.build());
    const hidden = new Map([...SHAPES].filter(([name]) => name.startsWith('hidden')));
    expectAll((await load(path, { shapes: hidden })).loaded, hidden);
  });

  it('a model with its batch norm folded is refused', async () => {
    const path = join(folder, 'folded.onnx');
    const model = build(source);
    const nodes = model.graph.nodes.map((n) => ({
      ...n,
      outputs: n.op === 'BatchNormalization' ? n.outputs.slice(0, 1) : n.outputs,
      attributes: new Map([...n.attributes].filter(([key]) => key !== 'training_mode')),
    }));
    await writeModelFile(path, foldBatchNorm({ ...model, graph: { ...model.graph, nodes } }));
    await expect(load(path)).rejects.toThrow(/'bn1\.weight' is missing.*batch norm is folded.*checkpoint/);
  });
});

describe('weights', () => {
  it('that a file has come first, others from elsewhere', async () => {
    const path = write('trunk.safetensors', torchTensors(SHAPES));
    const { loaded } = await load(path, { shapes: withHead(3) });
    const graph = build(loadedFirst(loaded, randomWeights(1))).graph;
    const random = build(randomWeights(1)).graph;
    expect(graph.initializers.get('hidden.bias')!.data).toEqual(
      float32('', [4], valuesOf('hidden.bias', [4])).data,
    );
    const head = 'age_head.weight';
    expect(graph.initializers.get(head)!.data).toEqual(random.initializers.get(head)!.data);
  });

  it('of a network by its name go to what is built of it', async () => {
    const norm = {
      weight: 'gamma',
      bias: 'beta',
      running_mean: 'moving_mean',
      running_var: 'moving_variance',
    };
    const layers: Record<string, KerasWeightsByName> = {};
    for (const [name, dims] of parameterShapes(networkOf('mobilenet'))) {
      const [scope, role] = name.split('.') as [string, keyof typeof norm];
      const [o, i, h, w] = dims as [number, number, number, number];
      const depthwise = scope.includes('_dw_');
      const [keras, shape] =
        dims.length === 1
          ? [norm[role], [o]]
          : depthwise
            ? ['depthwise_kernel', [h, w, o, i]]
            : ['kernel', [h, w, i, o]];
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(name.length);
      layers[scope] = { ...layers[scope], [`${scope}/${keras}:0`]: { dims: shape, values } };
    }
    const path = join(folder, 'mobilenet.h5');
    await writeKeras(path, layers);
    const source = loadedFirst(await loadWeights(path, networkOf('mobilenet')), randomWeights(1));
    const name = 'conv_dw_3_bn.running_var';
    expect(source(name, [128], { kind: 'constant', value: 1 })[5]).toBe(name.length);
    expect(source('age_head.bias', [2], { kind: 'constant', value: 4 })).toEqual(Float32Array.of(4, 4));
  });

  it('of Keras that are missing or of another shape are each named', async () => {
    const path = join(folder, 'incomplete.h5');
    await writeKeras(path, { c: { 'c/kernel:0': { dims: [1, 1, 3, 8], values: new Float32Array(24) } } });
    await expect(load(path)).rejects.toThrow(
      new WeightsError(
        `${path}: layer 'c' must have kernel [1, 1, 3, 4], found [1, 1, 3, 8], layer 'b' is missing and layer 'h' is missing`,
      ),
    );
  });

  it('of which most are missing are each named, before the message about the head', async () => {
    const path = join(folder, 'of-another.h5');
    await writeKeras(path, { other: { 'other/bias:0': { dims: [1], values: new Float32Array(1) } } });
    const vgg = networkOf('vgg19');
    const notices: string[] = [];
    const refused: unknown = await loadWeights(path, vgg, {
      shapes: new Map([...parameterShapes(vgg), ['age_head.weight', [4096, 101]]]),
      onNotice: (text) => notices.push(text),
    }).catch((error) => error);
    expect(refused).toBeInstanceOf(WeightsError);
    const missing = (refused as Error).message.matchAll(/layer '(\w+)' is missing/g);
    const trunk = Object.values(vgg.keras!.layers).filter((name) => name !== 'predictions');
    expect(trunk).toHaveLength(18);
    expect(Array.from(missing, ([, name]) => name)).toEqual(trunk);
    expect(notices).toEqual([]);
  });

  it.each([
    ['missing.h5', undefined, 'expected a file of weights, found no such file'],
    ['text.hdf5', 'text that is no HDF5 file', 'expected an HDF5 file, found file signature not found'],
    ['text.safetensors', 'text', 'A file of 4 bytes has no header'],
    [
      'model.pth',
      'PK',
      'expected weights as Keras HDF5 (.h5, .hdf5), .safetensors or .onnx; PyTorch can save',
    ],
    ['model.keras', 'PK', 'extract model.weights.h5 from it'],
    ['unknown', 'text', 'expected weights as Keras HDF5 (.h5, .hdf5), .safetensors or .onnx'],
  ])('are refused in one sentence: %s', async (name, content, sentence) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    const refused = load(path);
    await expect(refused).rejects.toThrow(WeightsError);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow(path);
  });

  it('of Keras are refused by networks that Keras has none of', async () => {
    const path = join(folder, 'any.h5');
    await writeKeras(path, { c: { 'c/bias:0': { dims: [1], values: new Float32Array(1) } } });
    const { keras: _, ...other } = network;
    await expect(loadWeights(path, other)).rejects.toThrow('Keras has no weights for Small');
  });

  it('are recognized by their content if their name does not show it', async () => {
    const path = write('weights-of-someone', torchTensors(SHAPES));
    expectAll((await load(path)).loaded, SHAPES);
  });

  it('must have the hash that was requested', async () => {
    const path = write('hashed.safetensors', torchTensors(SHAPES));
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    expectAll((await load(`${path}#sha256=${sha256}`)).loaded, SHAPES);
    await expect(load(path, { sha256: 'b'.repeat(64) })).rejects.toThrow(
      new ModelFileError(`${path}: expected a file of SHA-256 ${'b'.repeat(64)}, found ${sha256}`),
    );
    await expect(load(`${path}#sha256=abc`)).rejects.toThrow('expected 64 hexadecimal digits');
  });
});
