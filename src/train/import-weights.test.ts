import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../test/support/execute.js';
import { namedValues } from '../../test/support/named-values.js';
import { loadHdf5 } from '../data/index.js';
import { readMetadata } from '../metadata/index.js';
import { networkOf } from '../networks/index.js';
import { writeModelFile } from '../onnx/file.js';
import { elementCount, float32 } from '../onnx/index.js';
import { assemble } from './graph/index.js';
import { type ImportedWeights, importWeights } from './import-weights.js';
import { loadRecipe } from './recipe/index.js';
import { writeSafetensors } from './safetensors.js';
import { loadBackbone, matchWeights, openWeights, WeightsError } from './weights/index.js';
import {
  type KerasVersion,
  type PublishedLayers,
  type PublishedOptions,
  writePublished,
} from './weights/testing.js';

/** Layers, weights and shapes of published files, see scripts/fixtures/keras.py. */
const PUBLISHED = JSON.parse(
  readFileSync(new URL('../../test/fixtures/keras/published.json', import.meta.url), 'utf8'),
) as Record<string, PublishedLayers>;

const folder = mkdtempSync(join(tmpdir(), 'agewise-import-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wrn = PUBLISHED['wrn-16-8']!;

/** Small, of variance about that of a trained network; variances and factors above 0. */
function values(layer: string, role: string, count: number): Float32Array {
  const drawn = namedValues(`${layer}/${role}`, count);
  if (role === 'gamma' || role === 'moving_variance') return drawn.map((v) => 1 + v / 2);
  return drawn.map((v) => v / 20);
}

const TIMEOUT = 60_000;

describe('weights of WRN-16-8', () => {
  const versions: readonly KerasVersion[] = [1, 2, 3];
  const imported = new Map<KerasVersion, ImportedWeights>();
  beforeAll(async () => {
    for (const version of versions) {
      const path = join(folder, `wrn-${version}.h5`);
      await writePublished(path, wrn, { version, values });
      imported.set(version, await importWeights(path, await loadRecipe('wrn-16-8-imdb-wiki')));
    }
  }, TIMEOUT);

  it('make the same model in the layouts of Keras 1, 2 and 3', async () => {
    const picture = float32('images', [1, 3, 64, 64], noise(3 * 64 ** 2, 1));
    const answers = await Promise.all(
      versions.map((version) => execute(imported.get(version)!.model, [picture])),
    );
    for (const [name, dims] of [
      ['age', [1, 101]],
      ['gender', [1, 2]],
    ] as const) {
      const [first, ...others] = answers.map((outputs) => outputs.get(name)!);
      expect(first!.dims).toEqual(dims);
      expect(Math.max(...Array.from(first!.values as Float32Array))).toBeGreaterThan(1.5 / dims[1]);
      for (const other of others) expect(difference(other, first!)).toBe(0);
    }
  });

  it('become the facts of the model, and its card', () => {
    const { model, card, kind, sha256 } = imported.get(2)!;
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, 'wrn-2.h5')))
      .digest('hex');
    expect([kind, sha256]).toEqual(['model', hash]);
    const { age, gender, input, provenance } = readMetadata(model, 'test');
    expect([age!.classes.length, gender!.labels]).toEqual([101, ['female', 'male']]);
    expect(input).toMatchObject({ width: 64, color: 'BGR', scale: [1, 1, 1], margin: 0.4, crop: 'stretch' });
    expect(provenance.licence).toContain('IMDB-WIKI, which is for academic research alone');
    expect(provenance.source).toBe(`weights of wrn-2.h5, SHA-256 ${hash}`);
    for (const part of [hash, 'wrn-2.h5', provenance.licence, 'WRN-16-8', 'ages 0 to 100 in 101 classes']) {
      expect(card).toContain(part);
    }
  });

  it('have the terms that are given', async () => {
    const recipe = await loadRecipe('wrn-16-8-imdb-wiki');
    const { card } = await importWeights(join(folder, 'wrn-2.h5'), recipe, { terms: 'ours' });
    expect(card).toContain('| Terms | ours |');
  });
});

describe('weights of a network without heads', () => {
  it('make a backbone that training begins with', async () => {
    const path = join(folder, 'resnet50v2.h5');
    await writePublished(path, PUBLISHED['resnet50-v2']!);
    const { kind, model, card } = await importWeights(path, await loadRecipe('resnet50v2-groups-14'));
    expect(kind).toBe('backbone');
    expect(card).toContain('network.backbone');
    const file = join(folder, 'backbone.onnx');
    await writeModelFile(file, model);
    const backbone = await loadBackbone({ file });
    expect(backbone.features).toBe('features');
    expect(backbone.input).toMatchObject({ width: 256, height: 256, color: 'RGB' });
    expect(backbone.parameters).toContain('layer4.2.conv3.weight');
  });
});

describe('weights that do not fit', () => {
  const importing = async (recipe: string, layers: PublishedLayers, version: KerasVersion = 2) => {
    const path = join(folder, 'unfit.h5');
    await writePublished(path, layers, { version });
    return importWeights(path, await loadRecipe(recipe));
  };
  const EXPECTED = `${join(folder, 'unfit.h5')}: expected the weights of WRN-16-8 for age and gender (recipe 'wrn-16-8-imdb-wiki')`;

  it('of another network that is known are called by its name', async () => {
    await expect(importing('wrn-16-8-imdb-wiki', PUBLISHED['resnet50-v1']!)).rejects.toThrow(
      new WeightsError(`${EXPECTED}, found those of ResNet-50`),
    );
  });

  it('have each layer named once that is missing, unexpected or of another size', async () => {
    const { conv2d_7: _, batch_normalization_2: norm, pred_gender: __, ...rest } = wrn;
    const changed = { ...rest, batch_normalization_2: { ...norm, gamma: [64] }, extra: { kernel: [2, 2] } };
    const error = (await importing('wrn-16-8-imdb-wiki', changed as PublishedLayers).catch(
      (e) => e,
    )) as Error;
    expect(error).toBeInstanceOf(WeightsError);
    expect(error.message).toBe(
      `${EXPECTED}, found layers that differ: missing 'conv2d_7' and 'pred_gender'; unexpected 'extra'; 'batch_normalization_2' has beta of 128, gamma of 64, moving_mean of 128, moving_variance of 128, not beta of 128, gamma of 128, moving_mean of 128, moving_variance of 128`,
    );
  });

  it('without any fit are reported in ranges', async () => {
    const error = (await importing('wrn-16-8-imdb-wiki', { fc: { kernel: [9, 9] } }).catch(
      (e) => e,
    )) as Error;
    expect(error.message).toBe(
      `${EXPECTED}, found layers that differ: missing 'conv2d_1' to 'conv2d_16', 'batch_normalization_1' to 'batch_normalization_13', 'pred_age' and 'pred_gender'; unexpected 'fc'`,
    );
  });

  it('in the order of Theano are reported', async () => {
    const turned = Object.fromEntries(
      Object.entries(wrn).map(([name, weights]) => [
        name,
        name.startsWith('conv') ? { kernel: weights.kernel!.toReversed() } : weights,
      ]),
    );
    await expect(importing('wrn-16-8-imdb-wiki', turned, 1)).rejects.toThrow(
      `${EXPECTED}; kernels lie in Theano's order, [outputs, inputs, height, width]; Keras 1 can convert them`,
    );
  });

  it('in a layout before Keras 1 are reported', async () => {
    const { File } = await loadHdf5();
    const path = join(folder, 'old.h5');
    const file = new File(path, 'w');
    file.create_attribute('nb_layers', 1);
    file.create_group('layer_0').create_dataset({ name: 'param_0', data: [1, 2] });
    file.close();
    await expect(importWeights(path, await loadRecipe('wrn-16-8-imdb-wiki'))).rejects.toThrow(
      new WeightsError(
        `${path}: expected weights as Keras 1, 2 or 3 saves them, found an older layout with numbered layers (layer_0/param_0); Keras 1 can read it and save it again`,
      ),
    );
  });

  it('of another kind of file have each layer named once too', async () => {
    const path = join(folder, 'unfit.safetensors');
    const tensors = ['conv1.weight', 'conv1.bias', 'fc.weight', 'fc.bias'].map((name) =>
      float32(name, [3, 4], new Float32Array(12)),
    );
    await writeFile(path, writeSafetensors(tensors));
    const error = (await importWeights(path, await loadRecipe('wrn-16-8-imdb-wiki')).catch(
      (e) => e,
    )) as Error;
    const named = [...error.message.matchAll(/'([^']+)'/g)].map(([, name]) => name);
    expect(named.filter((name) => name === 'conv1' || name === 'fc')).toEqual(['fc', 'conv1']);
    expect(new Set(named).size).toBe(named.length);
    expect(error.message).toContain(
      "unexpected 'fc'; 'conv1' has bias of 12, weight of 12, not weight of 432",
    );
  });

  it('are called by their path where there is no file', async () => {
    for (const [path, found] of [
      [folder, 'a folder'],
      [join(folder, 'none.h5'), 'no such file'],
    ] as const) {
      await expect(importWeights(path, await loadRecipe('wrn-16-8-imdb-wiki'))).rejects.toThrow(
        `${path}: expected a file of weights, found ${found}`,
      );
    }
  });

  it('of a classifier of other classes than the recipe has are refused', async () => {
    const { predictions: _, ...rest } = PUBLISHED['vgg-face']!;
    const people = { ...rest, predictions: { kernel: [1, 1, 4096, 7], bias: [7] } };
    await expect(importing('vgg-face-wiki-gender', people)).rejects.toThrow(
      "found layers that differ: 'predictions' has bias of 7, kernel of 28,672, not bias of 2, kernel of 8,192",
    );
  });

  it('for a network without published weights are refused', async () => {
    await expect(importing('lenet-groups-14', {})).rejects.toThrow(
      "Recipe 'lenet-groups-14': network: expected one with published weights, found LeNet-5",
    );
    await expect(importing('al-resnet-14', {})).rejects.toThrow(
      "network: expected one with published weights, found AL-ResNet; its backbone's are for training: agewise train al-resnet-14 --weights FILE",
    );
  });
});

/** The whole files of systems 1, 2 and 5, by the recipes that they are imported as. */
const SYSTEMS = {
  'dex-vgg19-ensemble': {
    ...PUBLISHED.vgg19,
    predictions: { kernel: [4096, 101], bias: [101] },
  },
  'wrn-16-8-imdb-wiki': wrn,
  'vgg-face-wiki-age': PUBLISHED['vgg-face']!,
  'vgg-face-wiki-gender': { ...PUBLISHED['vgg-face'], predictions: { kernel: [1, 1, 4096, 2], bias: [2] } },
} as const;

const LAYOUTS: readonly PublishedOptions[] = [
  { version: 1 },
  { version: 2 },
  { version: 3 },
  { version: 3, named: false },
];

describe.each(Object.entries(SYSTEMS))('the published file of %s', (name, layers) => {
  // Names that somebody gave to layers inside a network cannot be left out.
  const layouts = name === 'dex-vgg19-ensemble' ? LAYOUTS.slice(0, 3) : LAYOUTS;
  it.each(layouts)('has every layer in the layout of Keras %o, and no other', async (layout) => {
    const path = join(folder, `${name}-${layout.version}.h5`);
    await writePublished(path, layers as PublishedLayers, layout);
    const recipe = await loadRecipe(name);
    const shapes = new Map<string, readonly number[]>();
    assemble(recipe, (weight, dims) => {
      shapes.set(weight, dims);
      return new Float32Array(elementCount(dims));
    });
    const network = networkOf(recipe.network.name!);
    const file = await openWeights(path, network, '');
    try {
      const { read, unfit } = matchWeights(file, network, shapes);
      expect(unfit).toEqual([]);
      expect([...read.keys()].sort()).toEqual([...shapes.keys()].sort());
      expect(file.unused()).toEqual([]);
    } finally {
      file.close();
      rmSync(path);
    }
  });
});

describe.each([
  ['dex-vgg19-ensemble', 3],
  ['vgg-face-wiki-age', 1],
] as const)('weights of %s in the layout of Keras %d', (name, version) => {
  it(
    'make a model that predicts only 101 ages',
    async () => {
      const path = join(folder, `${name}.h5`);
      await writePublished(path, SYSTEMS[name] as PublishedLayers, { version });
      const { model, kind } = await importWeights(path, await loadRecipe(name));
      expect(kind).toBe('model');
      const { age, gender, input } = readMetadata(model, 'test');
      expect([age!.classes.length, gender]).toEqual([101, null]);
      expect(input).toMatchObject({ width: 224, height: 224, margin: 0.4 });
      rmSync(path);
    },
    TIMEOUT,
  );
});

describe('weights of VGG-Face for gender', () => {
  it(
    'make a model that predicts only gender',
    async () => {
      const { predictions: _, ...rest } = PUBLISHED['vgg-face']!;
      const path = join(folder, 'gender.h5');
      await writePublished(path, { ...rest, predictions: { kernel: [1, 1, 4096, 2], bias: [2] } });
      const { model, kind, classes } = await importWeights(path, await loadRecipe('vgg-face-wiki-gender'));
      expect([kind, classes]).toEqual(['model', undefined]);
      const { age, gender } = readMetadata(model, 'test');
      expect([age, gender!.labels]).toEqual([null, ['female', 'male']]);
    },
    TIMEOUT,
  );
});
