/** Weights from a file for a network of ours. */
import { Layers, type Network, type WeightSource, zeroWeights } from '../../networks/index.js';
import { GraphBuilder } from '../../onnx/index.js';
import { type LocateOptions, locate } from '../../registry/node.js';
import { few, listed, WeightsError } from './error.js';
import { openWeights } from './open.js';
import type { FoundLayer, WantedLayer, WeightFile } from './weight-file.js';

/** Shapes of parameters by their full names. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** Values of parameters by their full names, row-major. */
export type LoadedWeights = ReadonlyMap<string, Float32Array>;

export interface LoadWeightsOptions extends LocateOptions {
  /**
   * The parameters to fill; default: those of the network at its own input size. Parameters outside the backbone belong
   * to heads, which are skipped if the file has none for them, or one of another size.
   */
  readonly shapes?: Shapes;
  /** The prefix of all names in the file, such as `backbone.`; default none. */
  readonly prefix?: string;
}

/**
 * Loads weights from a path or a URL (see `locate`) of
 * - Keras HDF5, if the network has a Keras layout: convolutions and dense layers are transposed, rows of dense layers on flattened maps reordered to channels, height, width;
 * - safetensors of PyTorch (torchvision's and timm's names) or a checkpoint of ours;
 * - `.onnx` of a network of ours.
 *
 * A head takes the values of its own name, else those of the classifying layer of published weights. Skipped and unused
 * weights are reported to `onNotice` at the end.
 * @throws WeightsError that names every layer that is missing or has another shape.
 */
export async function loadWeights(
  source: string,
  network: Network,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const { shapes = parameterShapes(network), prefix = '', onNotice } = options;
  const file = await openWeights(await locate(source, options), network, prefix);
  try {
    const { read, unfit } = matchWeights(file, network, shapes);
    const problems = unfit.flatMap(({ wanted, found }) => (wanted.head ? [] : problemsOf(found)));
    const left = unfit.flatMap(({ wanted, found }) =>
      wanted.head ? [`'${wanted.scope}' starts with random weights: ${problemsOf(found).join(', ')}`] : [],
    );
    if (problems.length > 0) {
      throw new WeightsError(`${source}: ${listed(problems)}${file.hint ? `; ${file.hint}` : ''}`);
    }
    const loaded = new Map([...read].map(([name, values]) => [name, values()]));
    const unused = file.unused();
    if (unused.length > 0) left.push(`not used: ${few(unused)}`);
    for (const what of left) onNotice?.(`${source}: ${what}`);
    return loaded;
  } finally {
    file.close();
  }
}

/** Which values of a file are whose, and which layers have none. */
export interface MatchedWeights {
  /** Reads the values of a parameter by its full name. */
  readonly read: ReadonlyMap<string, () => Float32Array>;
  readonly unfit: readonly { readonly wanted: WantedLayer; readonly found: Unfit }[];
}

type Unfit = Exclude<FoundLayer, { kind: 'found' }>;

/** Looks for every layer of the shapes in a file; nothing is read yet. */
export function matchWeights(file: WeightFile, network: Network, shapes: Shapes): MatchedWeights {
  const read = new Map<string, () => Float32Array>();
  const unfit: { wanted: WantedLayer; found: Unfit }[] = [];
  for (const wanted of wantedLayers(network, shapes)) {
    const found = wanted.head ? headLayer(file, wanted, network) : file.layer(wanted);
    if (found.kind !== 'found') unfit.push({ wanted, found });
    else for (const [role, values] of found.read) read.set(fullName(wanted.scope, role), values);
  }
  return { read, unfit };
}

/** The layers that shapes belong to; what is not of the network's backbone is a head's. */
export function wantedLayers(network: Network, shapes: Shapes): WantedLayer[] {
  const scopes = [...parameterShapes(network).keys()].map((name) => splitName(name).scope);
  const { backbone } = network;
  const trunk = new Set(scopes.filter((scope) => backbone === undefined || scope.startsWith(`${backbone}.`)));
  return layersOf(shapes, trunk);
}

/** A weight source that prefers loaded values. */
export const loadedFirst =
  (loaded: LoadedWeights, otherwise: WeightSource): WeightSource =>
  (name, dims, initial) =>
    loaded.get(name) ?? otherwise(name, dims, initial);

/** The shapes of a network's parameters, without heads, at its own input size. */
export function parameterShapes(network: Network): Shapes {
  const g = new GraphBuilder({ name: network.name });
  const { width, height } = network.input;
  const images = g.input('images', 'float32', ['N', 3, height, width]);
  return shapesOf((weights) => network.build(new Layers(g, weights), images));
}

/** The shapes requested while building. */
function shapesOf(build: (weights: WeightSource) => unknown): Shapes {
  const shapes = new Map<string, readonly number[]>();
  build((name, dims, initial) => {
    shapes.set(name, dims);
    return zeroWeights(name, dims, initial);
  });
  return shapes;
}

const fullName = (scope: string, role: string): string => (scope === '' ? role : `${scope}.${role}`);

function splitName(name: string): { scope: string; role: string } {
  const dot = name.lastIndexOf('.');
  return { scope: name.slice(0, Math.max(0, dot)), role: name.slice(dot + 1) };
}

/** The parameters grouped by layer. */
function layersOf(shapes: Shapes, trunk: ReadonlySet<string>): WantedLayer[] {
  const layers = new Map<string, Map<string, readonly number[]>>();
  for (const [name, dims] of shapes) {
    const { scope, role } = splitName(name);
    const layer = layers.get(scope) ?? new Map<string, readonly number[]>();
    layers.set(scope, layer.set(role, dims));
  }
  return [...layers].map(([scope, of]) => ({ scope, shapes: of, head: !trunk.has(scope) }));
}

/** By its own name, else by that of the published classifying layer. */
function headLayer(file: WeightFile, wanted: WantedLayer, { classifier }: Network): FoundLayer {
  const own = file.layer(wanted);
  if (own.kind !== 'missing' || wanted.scope.includes('.')) return own;
  const published = file.layer({ ...wanted, scope: classifier });
  return published.kind === 'missing' ? own : published;
}

const problemsOf = (found: Unfit): readonly string[] =>
  found.kind === 'missing' ? [found.what] : found.problems;
