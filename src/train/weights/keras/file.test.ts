import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Group } from 'h5wasm/node';
import { afterAll, describe, expect, it } from 'vitest';
import { loadHdf5 } from '../../../data/index.js';
import { WeightsError } from '../error.js';
import { KerasFile } from './file.js';

/** By h5py, see scripts/fixtures/keras.py. */
const FIXTURES = new URL('../../../../test/fixtures/keras/', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'agewise-keras-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const counting = (count: number, start: number) => Array.from({ length: count }, (_, i) => start + i);

/** Every layer's weights by their roles, with shapes and values. */
async function contents(path: string) {
  const file = await KerasFile.open(path);
  try {
    return Object.fromEntries(
      [...file.layers].map(([name, layer]) => [
        name,
        Object.fromEntries([...layer].map(([role, t]) => [role, [[...t.dims], [...file.read(t)]]])),
      ]),
    );
  } finally {
    file.close();
  }
}

const conv = { kernel: [[1, 2, 3, 2], counting(12, 0)], bias: [[2], [100, 101]] };
const norm = {
  gamma: [[2], [200, 201]],
  beta: [[2], [210, 211]],
  moving_mean: [[2], [220, 221]],
  moving_variance: [[2], [230, 231]],
};
const dense = { kernel: [[2, 3], counting(6, 300)], bias: [[3], [310, 311, 312]] };

describe('a file of weights of Keras', () => {
  it.each([
    ['by save_weights', 'weights.h5'],
    ['of a whole model', 'whole-model.h5'],
    ['of Keras 1, with its names', 'keras-1.h5'],
    ['with a model inside a model', 'nested.h5'],
    ['of a model made twice in a program', 'made-again.h5'],
    ['with lists in several attributes', 'long-lists.h5'],
  ])('%s is read by layers and roles', async (_what, name) => {
    expect(await contents(join(FIXTURES, name))).toMatchObject({ conv, norm, dense });
  });

  it('of Keras 3 is read by the order of its variables', async () => {
    const layers = { conv2d: conv, batch_normalization: norm, dense };
    expect(await contents(join(FIXTURES, 'keras-3.weights.h5'))).toEqual(layers);
  });

  it('is refused if it is another file', async () => {
    const page = join(folder, 'page.h5');
    writeFileSync(page, '<html>'.repeat(100));
    await expect(KerasFile.open(page)).rejects.toThrow(
      new WeightsError(`${page}: expected an HDF5 file, found file signature not found`),
    );
    const pictures = new URL('../hdf5/5_many.h5', `file://${FIXTURES}`).pathname;
    await expect(KerasFile.open(pictures)).rejects.toThrow(
      new WeightsError(
        `${pictures}: expected weights as Keras saves them, found no layers with weights (images, meta)`,
      ),
    );
  });

  it('is refused if it lacks a layer or a weight that it lists', async () => {
    const library = await loadHdf5();
    const path = join(folder, 'lists.h5');
    const made = new library.File(path, 'w');
    made.create_attribute('layer_names', ['dense', 'gone']);
    made.create_group('dense').create_attribute('weight_names', ['dense/kernel:0']);
    made.close();
    const lacking = (what: string) =>
      new WeightsError({ subject: path, expected: 'weights as Keras saves them', found: `no ${what}` });
    await expect(KerasFile.open(path)).rejects.toThrow(
      lacking("dataset 'dense/kernel:0' in the layer 'dense'"),
    );
    const file = new library.File(path, 'a');
    (file.get('dense') as Group).create_group('dense').create_dataset({ name: 'kernel:0', data: [1, 2] });
    file.close();
    await expect(KerasFile.open(path)).rejects.toThrow(lacking("group of the layer 'gone'"));
  });

  it('is refused wherever it is cut', async () => {
    const whole = readFileSync(join(FIXTURES, 'weights.h5'));
    const cut = join(folder, 'cut.h5');
    for (let length = 0; length < whole.length; length += 501) {
      writeFileSync(cut, whole.subarray(0, length));
      const opened = KerasFile.open(cut);
      await expect(opened, `${length} bytes`).rejects.toThrow(WeightsError);
      await expect(opened).rejects.toThrow(/^[^\n]*cut\.h5[^\n]*$/);
    }
  });

  it('in which a byte is changed is read or refused', async () => {
    const whole = readFileSync(join(FIXTURES, 'weights.h5'));
    const damaged = join(folder, 'damaged.h5');
    for (let at = 0; at < whole.length; at += 53) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = bytes[at]! ^ 0xff;
      writeFileSync(damaged, bytes);
      await contents(damaged).catch((error) => expect(error, `byte ${at}`).toBeInstanceOf(WeightsError));
    }
  });
});
