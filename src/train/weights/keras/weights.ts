/** Weights in Keras' layout as those of a network of ours. */
import type { KerasLayout, Network } from '../../../networks/index.js';
import { WeightsError } from '../error.js';
import {
  type FoundLayer,
  formatDims,
  type LayerDifference,
  sameDims,
  type WantedLayer,
  type WeightFile,
} from '../weight-file.js';
import { type Arrange, arrangement, kerasDims } from './arrange.js';
import { byName, byPlace, inNumbers, sizesOf } from './difference.js';
import { KerasFile, type KerasLayer } from './file.js';
import { counted, isAutomatic, type KerasRole, kindOf } from './names.js';

/** Maps our weight roles to Keras', in batch norm and elsewhere. */
const NORM_ROLES: Readonly<Record<string, KerasRole>> = {
  weight: 'gamma',
  bias: 'beta',
  running_mean: 'moving_mean',
  running_var: 'moving_variance',
};
const LAYER_ROLES: Readonly<Record<string, KerasRole>> = { weight: 'kernel', bias: 'bias' };

/** The Keras weight for one parameter, or what is wrong with it. */
type Match =
  | { readonly keras: KerasRole; readonly read: () => Float32Array }
  | { readonly keras: KerasRole; readonly problem: string };

export class KerasWeights implements WeightFile {
  private readonly asked = new Set<KerasLayer>();
  /** Whether a kernel was found as Theano orders its axes. */
  private theano = false;
  private readonly numbered: ReadonlyMap<string, string>;

  /** @param prefix in front of all layer names in the file */
  constructor(
    private readonly file: Pick<KerasFile, 'layers' | 'read' | 'close'>,
    private readonly layout: KerasLayout,
    private readonly prefix: string,
    private readonly classifier = '',
  ) {
    this.numbered = counted(file.layers.keys());
  }

  /** @throws WeightsError if the file cannot be read, or Keras' names of the network's layers are unknown. */
  static async open(path: string, network: Network, prefix: string): Promise<KerasWeights> {
    if (network.keras === undefined) {
      throw new WeightsError(`${path}: Keras has no weights for ${network.title}`);
    }
    return new KerasWeights(await KerasFile.open(path), network.keras, prefix, network.classifier);
  }

  layer(wanted: WantedLayer): FoundLayer {
    const { scope, shapes } = wanted;
    const name = this.prefix + (this.layout.layers[scope] ?? scope);
    const layer =
      this.file.layers.get(this.nameInFile(name)) ?? (wanted.head ? this.unnamedHead(wanted) : undefined);
    if (layer === undefined) return { kind: 'missing', what: `layer '${name}' is missing` };
    this.asked.add(layer);
    const matches = new Map([...shapes].map(([role, dims]) => [role, this.match(wanted, role, dims, layer)]));
    const used = new Set([...matches.values()].map(({ keras }) => keras));
    const problems = [
      ...[...matches.values()].flatMap((match) => ('problem' in match ? [match.problem] : [])),
      ...[...layer.keys()]
        .filter((keras) => !used.has(keras))
        .map((keras) => `has ${keras}, '${scope}' has not`),
    ];
    if (problems.length > 0) {
      return { kind: 'misfit', problems: problems.map((problem) => `layer '${name}' ${problem}`) };
    }
    const read = [...matches].flatMap(([role, match]) =>
      'read' in match ? [[role, match.read] as const] : [],
    );
    return { kind: 'found', read: new Map(read) };
  }

  get hint(): string {
    return this.theano
      ? "kernels lie in Theano's order, [outputs, inputs, height, width]; Keras 1 can convert them (convert_all_kernels_in_model) and save them again"
      : '';
  }

  difference(wanted: readonly WantedLayer[]): LayerDifference {
    const expected = wanted.map((layer) => ({
      name: this.nameOf(layer),
      sizes: sizesOf([...layer.shapes].map(([role, dims]) => [kerasRole(layer, role), dims])),
    }));
    const found = [...this.file.layers].map(([name, layer]) => ({
      name,
      sizes: sizesOf([...layer].map(([role, { dims }]) => [role, dims])),
    }));
    const parts = [...new Set([...expected, ...found].map(({ name }) => kindOf(name)))].map((kind) => {
      const own = ({ name }: { name: string }) => kindOf(name) === kind;
      return kind === undefined
        ? byName(expected.filter(own), found.filter(own))
        : byPlace(inNumbers(expected.filter(own)), inNumbers(found.filter(own)));
    });
    const all = (key: keyof LayerDifference) => parts.flatMap((part) => part[key]);
    return { missing: all('missing'), extra: all('extra'), other: all('other') };
  }

  unused(): string[] {
    return [...this.file.layers].flatMap(([name, layer]) => (this.asked.has(layer) ? [] : [name]));
  }

  close(): void {
    this.file.close();
  }

  /** What Keras calls a layer; a head without a name of its own there is its classifying layer. */
  private nameOf({ scope, head }: WantedLayer): string {
    const { layers } = this.layout;
    return this.prefix + (layers[scope] ?? (head ? (layers[this.classifier] ?? scope) : scope));
  }

  /** Files of Keras 3 may name layers by their kind alone: a head is then the one layer of its sizes that is left. */
  private unnamedHead(wanted: WantedLayer): KerasLayer | undefined {
    const fitting = [...this.file.layers].flatMap(([name, layer]) => {
      if (!isAutomatic(name) || layer.size !== wanted.shapes.size || this.asked.has(layer)) return [];
      return [...wanted.shapes].every(([role, dims]) => 'read' in this.match(wanted, role, dims, layer))
        ? [layer]
        : [];
    });
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** Automatically numbered layers are found by their index among their kind. */
  private nameInFile(name: string): string {
    return (isAutomatic(name) ? this.numbered.get(name) : undefined) ?? name;
  }

  private match(wanted: WantedLayer, role: string, dims: readonly number[], layer: KerasLayer): Match {
    const plain = kerasRole(wanted, role);
    const depthwise = plain === 'kernel' && dims.length === 4 && isDepthwise(layer, dims);
    const keras = depthwise && layer.has('depthwise_kernel') ? 'depthwise_kernel' : plain;
    const tensor = layer.get(keras);
    if (tensor === undefined) return { keras, problem: `has no ${keras}` };
    const maps = dims.length === 2 ? this.flattenedMaps(wanted) : undefined;
    const arrange: Arrange | undefined = arrangement(dims, tensor.dims, depthwise, maps);
    if (arrange) return { keras, read: () => arrange(this.file.read(tensor)) };
    if (dims.length === 4 && sameDims(dims, tensor.dims)) this.theano = true;
    const expected = `${keras} ${formatDims(kerasDims(dims, depthwise))}`;
    return { keras, problem: `must have ${expected}, found ${formatDims(tensor.dims)}` };
  }

  private flattenedMaps({ scope, head }: WantedLayer): readonly number[] | undefined {
    const { flattened = {} } = this.layout;
    return flattened[scope] ?? (head ? flattened.classifier : undefined);
  }
}

/** Keras 3 names depthwise kernels `kernel` in its own files, so they are recognized by shape. */
function isDepthwise(layer: KerasLayer, [outputs, inputs]: readonly number[]): boolean {
  const kernel = layer.get('kernel')?.dims;
  return layer.has('depthwise_kernel') || (inputs === 1 && kernel?.[2] === outputs && kernel?.[3] === 1);
}

/** What Keras calls a weight of a layer. */
function kerasRole({ shapes }: WantedLayer, role: string): KerasRole {
  const roles = shapes.has('running_mean') ? NORM_ROLES : LAYER_ROLES;
  return roles[role] ?? role;
}
