/** Files of weights for tests. */
import type { Group } from 'h5wasm/node';
import { loadHdf5 } from '../../data/index.js';
import { elementCount } from '../../onnx/index.js';

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

/** Layers of a published definition: the shapes of their weights by roles, `{ conv1: { kernel: [3, 3, 3, 16] } }`. */
export type PublishedLayers = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** How a version of Keras lays out a file of weights; Keras 3 has a group for each layer by its kind, which tells its name. */
export type KerasVersion = 1 | 2 | 3;

const OLD_ROLES: Readonly<Record<string, string>> = {
  kernel: 'W',
  bias: 'b',
  moving_mean: 'running_mean',
  moving_variance: 'running_std',
};

export interface PublishedOptions {
  readonly version?: KerasVersion;
  /** Whether a file of Keras 3 has the names of layers, which its first versions left out; true if left out. */
  readonly named?: boolean;
  /** Gives the values of a weight; none are stored where left out, and all are zeros, so that large files are small. */
  readonly values?: (layer: string, role: string, count: number) => Float32Array;
}

function kindOf(weights: PublishedLayers[string]): string {
  if (weights.moving_mean) return 'batch_normalization';
  if (weights.depthwise_kernel) return 'depthwise_conv2d';
  return weights.kernel!.length === 4 ? 'conv2d' : 'dense';
}

/** Writes the layers of a definition in the layout of a version of Keras. */
export async function writePublished(
  path: string,
  layers: PublishedLayers,
  { version = 2, named = true, values }: PublishedOptions = {},
): Promise<void> {
  const { File } = await loadHdf5();
  const file = new File(path, 'w');
  const write = (group: Group, name: string, layer: string, role: string, dims: readonly number[]) => {
    const data = values?.(layer, role, elementCount(dims));
    if (data) group.create_dataset({ name, data, shape: [...dims], dtype: '<f' });
    else {
      // A chunk that is never written takes no space.
      const first = [1, ...dims.slice(1)];
      const made = group.create_dataset({
        name,
        data: new Float32Array(elementCount(first)),
        shape: first,
        maxshape: [...dims],
        chunks: first,
        dtype: '<f',
      });
      made.resize([...dims]);
    }
  };
  const kinds = new Map<string, number>();
  const byKind = (weights: PublishedLayers[string]) => {
    const kind = kindOf(weights);
    const before = kinds.get(kind) ?? 0;
    kinds.set(kind, before + 1);
    return before === 0 ? kind : `${kind}_${before}`;
  };
  const names = Object.keys(layers);
  if (version < 3) file.create_attribute('layer_names', names);
  else file.create_group('layers');
  for (const [layer, weights] of Object.entries(layers)) {
    const roles = Object.entries(weights);
    if (version === 3) {
      const vars = (file.get('layers') as Group).create_group(byKind(weights)).create_group('vars');
      if (named) vars.create_attribute('name', layer);
      roles.forEach(([role, dims], i) => {
        write(vars, String(i), layer, role, dims);
      });
      continue;
    }
    const group = file.create_group(layer);
    const nameOf = (role: string) =>
      version === 1 ? `${layer}_${OLD_ROLES[role] ?? role}:0` : `${layer}/${role}:0`;
    group.create_attribute(
      'weight_names',
      roles.map(([role]) => nameOf(role)),
    );
    const inner = version === 1 ? group : group.create_group(layer);
    for (const [role, dims] of roles) {
      write(inner, nameOf(role).split('/').at(-1)!, layer, role, dims);
    }
  }
  file.close();
}
