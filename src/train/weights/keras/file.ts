/**
 * Reads Keras' HDF5 weight files: by `save_weights` (a group for each layer, listed in the attribute `layer_names`), as
 * whole models (the same in the group `model_weights`), and `.weights.h5` of Keras 3 (a group `vars` in each layer).
 * https://github.com/keras-team/keras/blob/master/keras/src/legacy/saving/legacy_h5_format.py
 */
import type { Dataset, File, Group } from 'h5wasm/node';
import { type Hdf5Library, hdf5Reason, loadHdf5 } from '../../../data/index.js';
import { elementCount } from '../../../onnx/index.js';
import { WeightsError } from '../error.js';
import { type KerasRole, weightName } from './names.js';

export interface KerasTensor {
  readonly dims: readonly number[];
  /** Its path in the file. */
  readonly path: string;
}

export type KerasLayer = ReadonlyMap<KerasRole, KerasTensor>;

/** Bytes read at once, since they also take the library's memory. */
const STRETCH = 2 ** 26;

/** In messages. */
const WHAT = 'weights as Keras saves them';

/** H5T_FLOAT of the library's H5T_class_t. */
const FLOAT = 1;

export class KerasFile {
  private constructor(
    private readonly path: string,
    private readonly file: File,
    /** By name; layers of nested models by their own, if no other has it. Layers without weights are left out. */
    readonly layers: ReadonlyMap<string, KerasLayer>,
  ) {}

  /** @throws WeightsError for what is not an HDF5 file, is cut off, or holds no weights of Keras. */
  static async open(path: string): Promise<KerasFile> {
    const library = await loadHdf5();
    const file = attempt(path, 'an HDF5 file', () => new library.File(path, 'r'));
    try {
      const layers = attempt(path, WHAT, () => readLayers(library, file, path));
      if (layers.size > 0) return new KerasFile(path, file, layers);
      if ('nb_layers' in file.attrs || file.keys().includes('layer_0')) {
        throw new WeightsError(
          `${path}: expected weights as Keras 1, 2 or 3 saves them, found an older layout with numbered layers (layer_0/param_0); Keras 1 can read it and save it again`,
        );
      }
      const found = file.keys().join(', ') || 'nothing';
      throw new WeightsError(`${path}: expected ${WHAT}, found no layers with weights (${found})`);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * The values in the order of the file. @throws WeightsError if they are not floating-point numbers or are damaged.
   */
  read({ path, dims }: KerasTensor): Float32Array {
    const where = `${this.path}: ${path}`;
    return attempt(where, 'numbers', () => {
      const dataset = this.file.get(path) as Dataset;
      const { type, size } = dataset.metadata;
      if (type !== FLOAT || (size !== 4 && size !== 8)) {
        throw new WeightsError(`${where}: expected numbers of type float32, found ${String(dataset.dtype)}`);
      }
      if (dims.length === 0) return Float32Array.of(Number(dataset.value));
      const values = new Float32Array(elementCount(dims));
      const [rows = 0, ...rest] = dims;
      const width = elementCount(rest);
      const stretch = Math.max(1, Math.floor(STRETCH / (size * width)));
      for (let row = 0; row < rows; row += stretch) {
        const all = rest.map((): [] => []);
        const part = dataset.slice([[row, Math.min(rows, row + stretch)], ...all]);
        values.set(part as Float32Array | Float64Array, row * width);
      }
      return values;
    });
  }

  close(): void {
    this.file.close();
  }
}

function attempt<T>(where: string, expected: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(`${where}: expected ${expected}, found ${hdf5Reason(error)}`, { cause: error });
  }
}

function readLayers(library: Hdf5Library, file: File, path: string): Map<string, KerasLayer> {
  const nested = file.keys().includes('model_weights') ? file.get('model_weights') : file;
  const root = nested instanceof library.Group ? nested : file;
  const names = strings(root, 'layer_names');
  return names === undefined ? variableLayers(library, file) : namedLayers(library, root, names, path);
}

/**
 * The strings of an attribute; a long list is split into attributes `name0`, `name1`, ... to fit into headers.
 * Undefined if there is none.
 */
function strings(group: Group, name: string): string[] | undefined {
  const present = new Set(Object.keys(group.attrs));
  const value = (key: string): string[] => {
    const found = group.get_attribute(key, false);
    return Array.isArray(found) ? found.map(String) : [];
  };
  if (present.has(name)) return value(name);
  const parts: string[] = [];
  for (let i = 0; present.has(`${name}${i}`); i++) parts.push(...value(`${name}${i}`));
  return present.has(`${name}0`) ? parts : undefined;
}

function namedLayers(
  library: Hdf5Library,
  root: Group,
  names: readonly string[],
  path: string,
): Map<string, KerasLayer> {
  const missing = (found: string) => new WeightsError({ subject: path, expected: WHAT, found });
  const layers = new Map<string, KerasLayer>();
  const inner: [string, KerasLayer][] = [];
  for (const name of names) {
    const group = root.get(name);
    if (!(group instanceof library.Group)) throw missing(`no group of the layer '${name}'`);
    const parts = new Map<string | undefined, Map<KerasRole, KerasTensor>>();
    for (const weight of strings(group, 'weight_names') ?? []) {
      const dataset = group.get(weight);
      if (!(dataset instanceof library.Dataset)) {
        throw missing(`no dataset '${weight}' in the layer '${name}'`);
      }
      const { layer, role } = weightName(weight);
      const part = parts.get(layer) ?? new Map<KerasRole, KerasTensor>();
      parts.set(layer, part);
      part.set(role, tensorOf(dataset));
    }
    // A layer's weights may carry its original name; those of a nested model carry its layers' names.
    if (parts.size === 1) layers.set(name, [...parts.values()][0]!);
    for (const [own, part] of parts) if (own !== undefined) inner.push([own, part]);
  }
  for (const [name, layer] of inner) if (!layers.has(name)) layers.set(name, layer);
  return layers;
}

const tensorOf = (dataset: Dataset): KerasTensor => ({ dims: dataset.shape ?? [], path: dataset.path });

/** The layers of a file of Keras 3: `…/vars/0`, `…/vars/1`, ... in order of creation. */
function variableLayers(library: Hdf5Library, root: Group): Map<string, KerasLayer> {
  const layers = new Map<string, KerasLayer>();
  const visit = (group: Group, name: string): void => {
    for (const key of group.keys()) {
      if (key === 'optimizer') continue;
      const entity = group.get(key);
      if (!(entity instanceof library.Group)) continue;
      if (key !== 'vars') visit(entity, key);
      else {
        const layer = rolesByOrder(library, entity);
        const own = 'name' in entity.attrs ? String(entity.get_attribute('name', false)) : name;
        if (layer.size > 0 && !layers.has(own)) layers.set(own, layer);
      }
    }
  };
  visit(root, '');
  return layers;
}

/** By number of weights: batch norm may lack its scale; layers with a matrix or a kernel may have a bias. */
const NORMS: Readonly<Record<number, readonly KerasRole[]>> = {
  4: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  3: ['beta', 'moving_mean', 'moving_variance'],
  2: ['moving_mean', 'moving_variance'],
};

function rolesByOrder(library: Hdf5Library, vars: Group): Map<KerasRole, KerasTensor> {
  const order = vars.keys().sort((a, b) => Number(a) - Number(b));
  const tensors = order.flatMap((key) => {
    const dataset = vars.get(key);
    return dataset instanceof library.Dataset ? [tensorOf(dataset)] : [];
  });
  const isNorm = tensors.every(({ dims }) => dims.length === 1);
  const roles = isNorm ? (NORMS[tensors.length] ?? []) : ['kernel', 'bias'];
  return new Map(tensors.map((tensor, i) => [roles[i] ?? order[i]!, tensor]));
}
