/** The description of a network, for training, listing and loading weights. */
import type { NetworkInput } from '../metadata/index.js';
import type { Value } from '../onnx/index.js';
import type { Layers } from './layers.js';
import type { Initial } from './weights.js';

/** Features `[N, F]`, and the weight of their softmax in the distribution of a network with several branches. */
export interface Branch {
  readonly name: string;
  readonly features: Value;
  readonly share: number;
}

/**
 * A network's end: features `[N, F]` for a head; several branches, each with its own head, whose distributions are
 * averaged by weight; or an age in years, `[N, 1]`, that needs no head.
 */
export type NetworkEnd = Value | readonly Branch[] | { readonly expectation: Value };

/** A published parameter count. */
export interface PublishedCount {
  readonly parameters: number;
  /** Whether it includes the running statistics of batch norm, as Keras' "total params" does. */
  readonly statistics: boolean;
  /** The sizes of the heads included: `[1000]` for ImageNet. */
  readonly heads: readonly number[];
  /** The picture side it was counted for, if dense layers depend on it; the network's own if left out. */
  readonly side?: number;
  /** The source of the count: `Keras Applications`, `torchvision`, a paper. */
  readonly source: string;
}

/** The initial weights of a layer by its numbers of inputs and outputs. */
export type HeadInitial = (inputs: number, outputs: number) => Initial;

export interface Network {
  /** Its name in recipes: lower case, digits and hyphens. */
  readonly name: string;
  readonly title: string;
  /** The paper, or the code if there is none. */
  readonly source: string;
  readonly input: NetworkInput;
  /** The smallest possible input side in pixels, if above 1. */
  readonly smallest?: number;
  /** Whether heads have a bias; true if left out. */
  readonly headBias?: boolean;
  /** The name of the classifying layer in published weights: the scope of the head. */
  readonly classifier: string;
  /** The initial weights of heads for the given numbers of inputs and outputs; small ones by default. */
  readonly headInitial?: HeadInitial;
  /** The scope that published weights fill and that a frozen backbone covers; the whole network if left out. */
  readonly backbone?: string;
  /** Writes the network: images `[N, 3, H, W]` to its end. */
  readonly build: (layers: Layers, images: Value) => NetworkEnd;
  /** Writes what follows the maps `[N, C, H, W]` of a backbone, in a network that may have another backbone than its own. */
  readonly onMaps?: (layers: Layers, maps: Value) => NetworkEnd;
  readonly published?: PublishedCount;
  /** How Keras weights map to this network; undefined if Keras publishes none. */
  readonly keras?: KerasLayout;
}

/** The layer names of a Keras model, and layout facts that names do not show. */
export interface KerasLayout {
  /** Under what terms the published weights are given, and on what they were trained, in a sentence. */
  readonly terms?: string | undefined;
  /** From a scope of the network (`layer1.0.conv1`) to its Keras layer (`conv2_block1_1_conv`). */
  readonly layers: Readonly<Record<string, string>>;
  /**
   * Scopes of dense layers that read flattened maps, with the maps' shape `[C, H, W]`: Keras flattens them as height,
   * width, channels. The scope `classifier` denotes heads.
   */
  readonly flattened?: Readonly<Record<string, readonly [channels: number, height: number, width: number]>>;
}
