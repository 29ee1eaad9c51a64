/** Files of weights for tests. */
import type { Group } from 'h5wasm/node';
import { loadHdf5 } from '../../data/index.js';

/** A layer's weights by their full names in Keras, `conv1/kernel:0`. */
export type KerasWeightsByName = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly values: Float32Array }>
>;

/** Writes layers as `save_weights` of Keras does, or inside a whole model. */
export async function writeKeras(
  path: string,
  layers: Readonly<Record<string, KerasWeightsByName>>,
  { whole = false } = {},
): Promise<void> {
  const { File } = await loadHdf5();
  const file = new File(path, 'w');
  const root: Group = whole ? file.create_group('model_weights') : file;
  root.create_attribute('layer_names', Object.keys(layers));
  for (const [name, weights] of Object.entries(layers)) {
    const group = root.create_group(name);
    const names = Object.keys(weights);
    if (names.length > 0) group.create_attribute('weight_names', names);
    for (const [weight, { dims, values }] of Object.entries(weights)) {
      const folders = weight.split('/').slice(0, -1);
      let inner = group;
      for (const folder of folders) {
        inner = inner.keys().includes(folder) ? (inner.get(folder) as Group) : inner.create_group(folder);
      }
      inner.create_dataset({ name: weight.split('/').at(-1)!, data: values, shape: [...dims], dtype: '<f' });
    }
  }
  file.close();
}
