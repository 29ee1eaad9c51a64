import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { evaluationGraph } from '../../autodiff/index.js';
import { METADATA_KEY } from '../../metadata/index.js';
import { readModelFile, writeModelFile } from '../../onnx/file.js';
import {
  cut,
  float32,
  GraphBuilder,
  intAttribute,
  type Model,
  toFloat16,
  type Value,
  withMetadata,
} from '../../onnx/index.js';
import { loadBackbone } from './backbone.js';
import { WeightsError } from './error.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-backbone-'));
});
afterAll(() => rm(folder, { recursive: true }));

const INPUT = { color: 'RGB', mean: [0, 0, 0], scale: [1, 1, 1] } as const;

/** A network whose last value before its classifier is 'pooled' [N, 5, 1, 1], with batch norm of inference. */
class Small {
  readonly g = new GraphBuilder();
  readonly images: Value;
  readonly pooled: Value;

  constructor(shape: readonly (number | string)[] = ['N', 3, 8, 8], channelsLast = false) {
    const { g } = this;
    this.images = g.input('x', 'float32', shape);
    const first = channelsLast ? g.op('Transpose', [this.images], { perm: [0, 3, 1, 2] }) : this.images;
    const conv = g.op('Conv', [first, this.weight('conv.w', [5, 3, 3, 3])], { pads: [1, 1, 1, 1] });
    const norm = g.op('BatchNormalization', [
      conv,
      ...['gamma', 'beta', 'mean', 'variance'].map((name) =>
        g.parameter(`norm.${name}`, 'float32', [5], Float32Array.of(1, 2, 3, 4, 5)),
      ),
    ]);
    this.pooled = g.op(
      'GlobalAveragePool',
      [g.op('Relu', [norm], {}, { name: 'maps' })],
      {},
      { name: 'pooled' },
    );
  }

  weight(name: string, dims: readonly number[]): Value {
    return this.g.parameter(name, 'float32', dims, noise(dims.reduce((a, b) => a * b, 1)));
  }

  dense(x: Value, name: string, outputs: number): Value {
    const weights = [this.weight(`${name}.w`, [x.size(1), outputs]), this.weight(`${name}.b`, [outputs])];
    return this.g.op('Gemm', [x, ...weights]);
  }

  flat(): Value {
    return this.g.op('Flatten', [this.pooled], {}, { name: 'flat' });
  }

  async save(name: string, change: (model: Model) => Model = (model) => model): Promise<string> {
    const path = join(folder, name);
    await writeModelFile(path, change(this.g.build()));
    return path;
  }
}

async function classifier(name: string): Promise<string> {
  const small = new Small();
  small.g.output(small.g.op('Softmax', [small.dense(small.flat(), 'fc', 7)]), 'probabilities');
  return small.save(name);
}

/** Gives a model with an output `age` of three classes the metadata of one of ours, apart from some facts of its input. */
async function describedAs(input: object): Promise<(model: Model) => Model> {
  const { metadata } = await readModelFile(
    new URL('../../../models/agewise-base.onnx', import.meta.url).pathname,
  );
  const document = JSON.parse(metadata.get(METADATA_KEY)!);
  const age = { name: 'age', activation: 'probabilities', classes: [1, 2, 3] };
  const text = JSON.stringify({ ...document, input: { ...document.input, ...input }, age, gender: null });
  return (model) => withMetadata(model, METADATA_KEY, text);
}

describe('a backbone', () => {
  it('that ships is cut at its features, its weights of 16 bits made float32', async () => {
    const { model, images, features, input, parameters } = await loadBackbone({
      file: 'shipped:agewise-base',
    });
    expect({ images, features }).toEqual({ images: 'image', features: 'features' });
    expect(input).toMatchObject({ color: 'BGR', margin: 0.1, alignment: 'roll' });
    expect(model.graph.outputs[0]!.type!.shape).toEqual(['N', 1024]);
    // 27 convolutions with their biases, and 3.2 million numbers, as MobileNet has them without its classifier.
    expect(parameters).toHaveLength(54);
    const tensors = parameters.map((name) => model.graph.initializers.get(name)!);
    expect(new Set(tensors.map((t) => t.dtype))).toEqual(new Set(['float32']));
    expect(tensors.reduce((sum, t) => sum + t.data.length / 4, 0)).toBe(3_196_032);
    expect(parameters[0]).toContain('conv1/');
    expect(parameters.at(-2)).toContain('conv_pw_13/');
    const { initializers } = model.graph;
    const read = [...initializers.values()].filter((t) => t.dims.length > 0 && t.dtype === 'float32');
    expect(read.map((t) => t.name).sort()).toEqual([...parameters].sort());

    const path = new URL('../../../models/agewise-base.onnx', import.meta.url).pathname;
    const original = cut(await readModelFile(path), { outputs: ['features'] });
    const picture = float32(
      'image',
      [1, 3, input!.height, input!.width],
      noise(3 * input!.height * input!.width, 4).map((v) => 100 * v),
    );
    const [a, b] = [await execute(original, [picture]), await execute(evaluationGraph(model), [picture])];
    expect(difference(a.get('features')!, b.get('features')!)).toBe(0);
  });

  it('has its batch norm by the statistics of the batch', async () => {
    const file = await classifier('norm.onnx');
    const { model, parameters, features } = await loadBackbone({ file, input: INPUT });
    const norm = model.graph.nodes.find((n) => n.op === 'BatchNormalization')!;
    expect(intAttribute(norm, 'training_mode', 0)).toBe(1);
    expect(parameters).toEqual(['conv.w', 'norm.gamma', 'norm.beta']);
    const x = float32('x', [3, 3, 8, 8], noise(3 * 3 * 64));
    const found = (await execute(evaluationGraph(model), [x])).get(features)!;
    const pooled = (await execute(cut(await readModelFile(file), { outputs: ['pooled'] }), [x])).get(
      'pooled',
    )!;
    expect(difference(found, { ...pooled, dims: [3, 5] })).toBeLessThan(1e-6);
  });

  it.each([
    ['a softmax', (s: Small) => s.g.op('Softmax', [s.dense(s.flat(), 'fc', 7)]), 'pooled'],
    ['logits alone', (s: Small) => s.dense(s.flat(), 'fc', 7), 'pooled'],
    [
      'a product and a bias',
      (s: Small) => s.g.op('Add', [s.g.op('MatMul', [s.flat(), s.weight('m', [5, 7])]), s.weight('b', [7])]),
      'pooled',
    ],
    [
      'a convolution of one pixel',
      (s: Small) => s.g.op('Flatten', [s.g.op('Conv', [s.pooled, s.weight('c', [7, 5, 1, 1])])]),
      'pooled',
    ],
    [
      'hidden layers',
      (s: Small) => s.dense(s.g.op('Relu', [s.dense(s.flat(), 'h', 6)], {}, { name: 'hidden' }), 'fc', 7),
      'hidden',
    ],
    ['features themselves', (s: Small) => s.flat(), 'pooled'],
    [
      'a norm of features',
      (s: Small) => s.g.op('Tanh', [s.dense(s.flat(), 'e', 6)], {}, { name: 'embedding' }),
      'embedding',
    ],
    [
      'an expectation of a distribution',
      (s: Small) => {
        const p = s.g.op('Softmax', [s.dense(s.flat(), 'fc', 7)]);
        return s.g.op('ReduceSum', [s.g.op('Mul', [p, s.weight('ages', [1, 7])]), s.g.ints([1])]);
      },
      'pooled',
    ],
  ])('is found before %s', async (_what, end, expected) => {
    const small = new Small();
    const output = end(small);
    small.g.output(output, output.name === expected ? undefined : 'out');
    const file = await small.save('end.onnx');
    const { features } = await loadBackbone({ file, input: INPUT });
    expect(features).toBe(expected === 'pooled' ? 'pooled.flat' : expected);
  });

  it('of two heads on one value is found', async () => {
    const small = new Small();
    const flat = small.flat();
    const age = small.g.op('Softmax', [small.dense(flat, 'age', 7)]);
    const shift = small.g.op('MatMul', [age, small.weight('male', [7, 1])]);
    small.g.output(age, 'age');
    small.g.output(
      small.g.op('Sigmoid', [small.g.op('Add', [small.dense(flat, 'gender', 1), shift])]),
      'gender',
    );
    const { features } = await loadBackbone({ file: await small.save('heads.onnx'), input: INPUT });
    expect(features).toBe('pooled.flat');
  });

  it('that might end at several values asks for one of them by name', async () => {
    const small = new Small();
    const flat = small.flat();
    for (const name of ['age', 'gender']) {
      const hidden = small.g.op('Relu', [small.dense(flat, `${name}.h`, 6)], {}, { name: `${name}.hidden` });
      small.g.output(small.dense(hidden, name, 3), name);
    }
    const file = await small.save('ambiguous.onnx');
    await expect(loadBackbone({ file, input: INPUT })).rejects.toThrow(
      /ambiguous\.onnx: 2 values .* name the features: 'age\.hidden' \[N, 6\], 'gender\.hidden' \[N, 6\],.*'pooled' \[N, 5, 1, 1\]/,
    );
    const { model } = await loadBackbone({ file, input: INPUT, features: 'age.hidden' });
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['age.hidden']);
  });

  it('of several networks asks for the features of one of them', async () => {
    const small = new Small();
    const flat = small.flat();
    const answers = ['one', 'two'].map((name) => {
      const hidden = small.g.op('Relu', [small.dense(flat, `${name}.h`, 6)], {}, { name });
      return small.g.op('Softmax', [small.dense(hidden, `${name}.fc`, 3)]);
    });
    small.g.output(small.g.op('Mean', answers), 'age');
    const file = await small.save('joined.onnx');
    await expect(loadBackbone({ file, input: INPUT })).rejects.toThrow(
      /joined\.onnx: 2 values .* name the features: 'one' \[N, 6\], 'two' \[N, 6\]/,
    );
    const { features } = await loadBackbone({ file, input: INPUT, features: 'two' });
    expect(features).toBe('two');
  });

  it('of ours that predicts ages without a classifying layer asks for its features', async () => {
    const small = new Small();
    const years = small.weight('years', [1, 3]);
    const away = small.g.op('Abs', [small.g.op('Sub', [small.dense(small.flat(), 'fc', 1), years])]);
    small.g.output(small.g.op('Relu', [small.g.op('Sub', [small.g.scalar(1), away])]), 'age');
    const file = await small.save('regression.onnx', await describedAs({ width: 8, height: 8 }));
    const refused = await loadBackbone({ file }).catch((error) => error);
    expect(refused).toBeInstanceOf(WeightsError);
    expect(refused.message).toMatch(
      /regression\.onnx: no value .* precedes a classification layer; name the features: .*'pooled' \[N, 5, 1, 1\]/,
    );
    expect(refused.message).not.toContain("'age'");
  });

  it.each([
    ['pool', "; did you mean 'pooled'?"],
    ['maps.0', "; did you mean 'maps'?"],
    ['transformer', ''],
    // A weight is no value that heads could read.
    ['norm.betta', ''],
  ])("that has no value '%s' names the one that was likely meant", async (features, advice) => {
    const file = await classifier('misspelt.onnx');
    await expect(loadBackbone({ file, input: INPUT, features })).rejects.toThrow(
      new WeightsError(`${file}: has no value '${features}' of a known shape${advice}`),
    );
  });

  it('is cut at maps by their means', async () => {
    const file = await classifier('maps.onnx');
    const { features, model } = await loadBackbone({ file, input: INPUT, features: 'maps' });
    const x = float32('x', [2, 3, 8, 8], noise(2 * 3 * 64));
    const found = (await execute(evaluationGraph(model), [x])).get(features)!;
    const pooled = (await execute(cut(await readModelFile(file), { outputs: ['pooled'] }), [x])).get(
      'pooled',
    )!;
    expect(difference(found, { ...pooled, dims: [2, 5] })).toBeLessThan(1e-6);
  });

  it('of images with channels last takes them first', async () => {
    const small = new Small(['N', 8, 8, 3], true);
    small.g.output(small.dense(small.flat(), 'fc', 7), 'logits');
    const file = await small.save('nhwc.onnx');
    const { model, images, features, input } = await loadBackbone({ file, input: INPUT });
    expect(input).toMatchObject({ width: 8, height: 8 });
    expect(model.graph.inputs.map((i) => [i.name, i.type!.shape])).toEqual([[images, ['N', 3, 8, 8]]]);
    const last = noise(2 * 3 * 64);
    const first = last.map((_, i) => {
      const [n, c, p] = [Math.floor(i / 192), Math.floor(i / 64) % 3, i % 64];
      return last[n * 192 + p * 3 + c]!;
    });
    const found = (await execute(evaluationGraph(model), [float32(images, [2, 3, 8, 8], first)])).get(
      features,
    )!;
    const whole = cut(await readModelFile(file), { outputs: ['flat'] });
    const expected = (await execute(whole, [float32('x', [2, 8, 8, 3], last)])).get('flat')!;
    expect(difference(found, expected)).toBeLessThan(1e-6);
  });

  it('of an older set of operators can be built on', async () => {
    const small = new Small();
    small.g.output(small.dense(small.flat(), 'fc', 7), 'logits');
    const old = (model: Model): Model => ({ ...model, opsets: new Map([['', 11]]) });
    const { model, features } = await loadBackbone({ file: await small.save('old.onnx', old), input: INPUT });
    const g = GraphBuilder.from(model);
    g.output(g.op('ReduceMax', [g.value(features), g.ints([1])]), 'largest');
    const x = float32('x', [2, 3, 8, 8], noise(2 * 3 * 64));
    expect((await execute(evaluationGraph(g.build()), [x])).get('largest')!.dims).toEqual([2, 1]);
  });

  it('keeps zeros around what it pools', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 3, 4, 4]);
    const negative = g.op('Sub', [g.op('Abs', [x]), g.scalar(2)]);
    const padded = g.op('Pad', [negative, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
    const pooled = g.op('MaxPool', [padded], { kernel_shape: [3, 3], strides: [3, 3], pads: [0, 0, 0, 0] });
    const flat = g.op('Flatten', [pooled], {}, { name: 'flat' });
    const weight = g.parameter('w', 'float32', [12, 7], noise(84));
    g.output(g.op('MatMul', [flat, weight]), 'logits');
    const file = join(folder, 'zeros.onnx');
    await writeModelFile(file, g.build());
    const { model, features } = await loadBackbone({ file, input: INPUT });
    const pictures = float32('x', [1, 3, 4, 4], noise(48));
    const found = (await execute(evaluationGraph(model), [pictures], true)).get(features)!;
    // Every window reaches over an edge.
    expect(Array.from(found.values, Math.abs as (value: unknown) => number)).toEqual(Array(12).fill(0));
  });

  it('of a fixed batch takes any', async () => {
    const small = new Small([1, 3, 8, 8]);
    small.g.output(small.dense(small.flat(), 'fc', 7), 'logits');
    const { model } = await loadBackbone({ file: await small.save('batch.onnx'), input: INPUT });
    expect(model.graph.outputs[0]!.type!.shape).toEqual(['N', 5]);
  });

  it('with open sides takes pictures of the size that is given', async () => {
    const small = new Small(['N', 3, 'H', 'W']);
    small.g.output(small.dense(small.flat(), 'fc', 7), 'logits');
    const file = await small.save('open.onnx');
    await expect(loadBackbone({ file, input: INPUT })).rejects.toThrow('give the width, height of its input');
    const { model } = await loadBackbone({ file, input: { ...INPUT, width: 12, height: 16 } });
    expect(model.graph.inputs[0]!.type!.shape).toEqual(['N', 3, 16, 12]);
  });

  it('has no parameters that are settings, limits, single factors or what is done to the picture first', async () => {
    const g = new GraphBuilder();
    const weight = (name: string, dims: readonly number[]) =>
      g.parameter(name, 'float32', dims, noise(dims.reduce((a, b) => a * b, 1)));
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const centred = g.op('Div', [
      g.op('Sub', [x, weight('mean', [1, 3, 1, 1])]),
      weight('std', [1, 3, 1, 1]),
    ]);
    const conv = g.op('Conv', [centred, weight('w', [4, 3, 3, 3])]);
    const clipped = g.op('Clip', [conv, g.parameter('low', 'float32', [], [0]), g.scalar(6)]);
    const shifted = g.op('Add', [clipped, weight('shift', [4, 1, 1])]);
    const scaled = g.op('Mul', [shifted, weight('factor', [1])]);
    const maps = g.op('PRelu', [scaled, weight('slope', [4, 1, 1])]);
    const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [maps])]);
    const turned = g.op('Transpose', [weight('turned', [6, 4])], { perm: [1, 0] });
    g.output(g.op('Tanh', [g.op('MatMul', [pooled, turned])]), 'embedding');
    const file = join(folder, 'settings.onnx');
    await writeModelFile(file, toFloat16(g.build()));
    const { parameters } = await loadBackbone({ file, input: INPUT });
    expect(parameters).toEqual(['w', 'shift', 'slope', 'turned']);
  });

  it('of several inputs, or of none for images, is refused', async () => {
    const g = new GraphBuilder();
    const x = g.input('ids', 'float32', ['N', 16]);
    g.output(g.op('Tanh', [x]), 'y');
    const file = join(folder, 'text.onnx');
    await writeModelFile(file, g.build());
    await expect(loadBackbone({ file, input: INPUT })).rejects.toThrow(
      new WeightsError(
        `${file}: expected one input of float32 images [N, 3, H, W], found 'ids' float32 [N, 16]`,
      ),
    );
  });

  it.each([
    ['no file', undefined, /none\.onnx: it does not exist/],
    ['no model', 'text that is none', /none\.onnx: /],
  ])('that is %s is refused in one sentence', async (_what, content, sentence) => {
    const file = join(folder, 'none.onnx');
    if (content !== undefined) await writeFile(file, content);
    const refused = loadBackbone({ file });
    await expect(refused).rejects.toThrow(WeightsError);
    await expect(refused).rejects.toThrow(sentence);
  });
});

describe('the pictures that a backbone takes', () => {
  it('is taken from the metadata of a model of Agewise', async () => {
    const small = new Small();
    small.g.output(small.g.op('Softmax', [small.dense(small.flat(), 'fc', 3)]), 'age');
    const described = await describedAs({ width: 8, height: 8, mean: [1, 2, 3], margin: 0.3 });
    const file = await small.save('ours.onnx', described);
    const loaded = await loadBackbone({ file, input: { mean: [9, 9, 9] } });
    expect(loaded.input).toMatchObject({ color: 'BGR', mean: [9, 9, 9], margin: 0.3, crop: 'square' });
    // They say what the outputs mean, which are no longer there.
    expect(loaded.model.metadata.has(METADATA_KEY)).toBe(false);
  });

  it("is taken from ONNX's properties of images", async () => {
    const small = new Small();
    small.g.output(small.dense(small.flat(), 'fc', 3), 'logits');
    const file = await small.save('properties.onnx', (model) => ({
      ...model,
      metadata: new Map([
        ['Image.BitmapPixelFormat', 'Bgr8'],
        ['Image.NominalPixelRange', 'Normalized_1_1'],
      ]),
    }));
    const { input } = await loadBackbone({ file });
    expect(input).toMatchObject({
      color: 'BGR',
      mean: [127.5, 127.5, 127.5],
      scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
    });
  });

  it('is taken from the configuration of an image processor in the folder above', async () => {
    await mkdir(join(folder, 'repository', 'onnx'), { recursive: true });
    const small = new Small(['N', 3, 'H', 'W']);
    small.g.output(small.dense(small.flat(), 'fc', 3), 'logits');
    const file = await small.save('repository/onnx/model.onnx');
    const config = { image_mean: [0.5, 0.25, 0], image_std: [0.5, 0.5, 0.25], size: { shortest_edge: 12 } };
    await writeFile(join(folder, 'repository', 'preprocessor_config.json'), JSON.stringify(config));
    const { input } = await loadBackbone({ file });
    expect(input).toMatchObject({ width: 12, height: 12, color: 'RGB', mean: [127.5, 63.75, 0] });
    for (const [i, k] of [2, 2, 4].entries()) expect(input.scale[i]).toBeCloseTo(k / 255, 12);

    await writeFile(join(folder, 'repository', 'preprocessor_config.json'), '{"image_mean": "half"}');
    await expect(loadBackbone({ file })).rejects.toThrow(
      /preprocessor_config\.json: expected a configuration of an image processor, found at 'image_mean'/,
    );
  });

  it('has to be given if nothing states it', async () => {
    const file = await classifier('silent.onnx');
    await expect(loadBackbone({ file })).rejects.toThrow(
      new WeightsError(
        `${file}: does not say what pictures it wants; give the color, mean, scale of its input`,
      ),
    );
  });
});

describe('a graph model of TensorFlow.js', () => {
  const type = { type: 'DT_FLOAT' };
  const node = (name: string, op: string, input: string[] = [], attr = {}) => ({
    name,
    op,
    input,
    attr: { T: type, ...attr },
  });
  const model = {
    format: 'graph-model',
    modelTopology: {
      node: [
        {
          name: 'input',
          op: 'Placeholder',
          attr: {
            dtype: type,
            shape: { shape: { dim: [-1, -1, -1, 3].map((size) => ({ size: String(size) })) } },
          },
        },
        { name: 'kernel', op: 'Const', attr: { dtype: type } },
        { name: 'axes', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } },
        { name: 'dense', op: 'Const', attr: { dtype: type } },
        node('conv', 'Conv2D', ['input', 'kernel'], {
          strides: { list: { i: ['1', '1', '1', '1'] } },
          padding: { s: btoa('SAME') },
          dataFormat: { s: btoa('NHWC') },
        }),
        node('mean', 'Mean', ['conv', 'axes'], { keep_dims: { b: false } }),
        node('logits', 'MatMul', ['mean', 'dense']),
        node('probabilities', 'Softmax', ['logits']),
      ],
    },
    weightsManifest: [
      {
        paths: ['one.bin', 'two.bin'],
        weights: [
          { name: 'kernel', shape: [1, 1, 3, 2], dtype: 'float32' },
          { name: 'axes', shape: [2], dtype: 'int32' },
          { name: 'dense', shape: [2, 4], dtype: 'float32' },
        ],
      },
    ],
  };
  const bytes = Buffer.concat([
    Buffer.from(Float32Array.of(1, 0, 0, 1, 0, 0).buffer),
    Buffer.from(Int32Array.of(1, 2).buffer),
    Buffer.from(new Float32Array(8).buffer),
  ]);

  it('is a backbone, its weights from all of its files', async () => {
    const file = join(folder, 'model.json');
    await writeFile(file, JSON.stringify(model));
    await writeFile(join(folder, 'one.bin'), bytes.subarray(0, 10));
    await expect(loadBackbone({ file, input: INPUT })).rejects.toThrow(
      /two\.bin: expected the weights of .*model\.json/,
    );
    await writeFile(join(folder, 'two.bin'), bytes.subarray(10));
    const loaded = await loadBackbone({ file, input: { ...INPUT, width: 4, height: 4 } });
    expect(loaded.parameters).toHaveLength(1);
    const x = noise(3 * 16);
    const found = await execute(loaded.model, [float32(loaded.images, [1, 3, 4, 4], x)]);
    const means = [0, 1].map((c) => x.subarray(16 * c, 16 * c + 16).reduce((a, b) => a + b, 0) / 16);
    const features = found.get(loaded.features)!.values as Float32Array;
    for (const [i, mean] of means.entries()) expect(features[i]).toBeCloseTo(mean, 6);
  });

  it('is not a layers model', async () => {
    const file = join(folder, 'layers.json');
    await writeFile(file, JSON.stringify({ format: 'layers-model' }));
    await expect(loadBackbone({ file })).rejects.toThrow(
      /expected a TensorFlow\.js graph model, found a layers model/,
    );
  });
});
