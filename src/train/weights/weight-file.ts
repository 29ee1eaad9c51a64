/** What the files of weights have in common, whatever their format. */

/** A layer of a network that looks for its values: a scope and the shapes of its parameters by their last name. */
export interface WantedLayer {
  /** The name of its parameters up to the last dot: `layer1.0.conv1`. */
  readonly scope: string;
  /** By role, as the network has it: `weight`, `bias`, `running_mean`, `running_var`. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether it is the layer of a head, or one that may fill it. */
  readonly head: boolean;
}

export type FoundLayer =
  /** Reads the values of each role, row-major, in the shape that was asked for. */
  | { readonly kind: 'found'; readonly read: ReadonlyMap<string, () => Float32Array> }
  /** The file has nothing for it: which name it was looked for by, in words. */
  | { readonly kind: 'missing'; readonly what: string }
  /** What does not fit, each in words. */
  | { readonly kind: 'misfit'; readonly problems: readonly string[] };

export interface WeightFile {
  layer(wanted: WantedLayer): FoundLayer;
  /** Where layers are missing, what may be the reason, and the way out. */
  readonly hint?: string;
  /** The names of layers or tensors that nobody asked for. */
  unused(): string[];
  close(): void;
}

export const formatDims = (dims: readonly number[]): string => `[${dims.join(', ')}]`;

export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
