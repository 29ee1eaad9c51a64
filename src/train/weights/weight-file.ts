/** The common interface of weight files. */

/** A network layer to be filled: its scope, and the shapes of its parameters by role. */
export interface WantedLayer {
  /** The name of its parameters up to the last dot: `layer1.0.conv1`. */
  readonly scope: string;
  /** By the network's own role names: `weight`, `bias`, `running_mean`, `running_var`. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether it is the layer of a head, or one that may fill it. */
  readonly head: boolean;
}

export type FoundLayer =
  /** Reads the values of each role, row-major, in the requested shape. */
  | { readonly kind: 'found'; readonly read: ReadonlyMap<string, () => Float32Array> }
  /** The file has nothing for it; `what` is the name searched for, in words. */
  | { readonly kind: 'missing'; readonly what: string }
  /** What does not match, in words. */
  | { readonly kind: 'misfit'; readonly problems: readonly string[] };

export interface WeightFile {
  layer(wanted: WantedLayer): FoundLayer;
  /** If layers are missing: the probable reason and the remedy. */
  readonly hint?: string;
  /**
   * The difference between the wanted layers and those of the file, each named once, in the file's own words. Sizes are those of
   * values; layers may have other shapes of the same size.
   */
  difference(wanted: readonly WantedLayer[]): LayerDifference;
  /** The names of unused layers or tensors. */
  unused(): string[];
  close(): void;
}

export interface LayerDifference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** Of another shape, each in words. */
  readonly other: readonly string[];
}

export const formatDims = (dims: readonly number[]): string => `[${dims.join(', ')}]`;

export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
