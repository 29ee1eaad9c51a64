/** What a network is to those who train it, list it or load weights into it. */
import type { NetworkInput } from '../metadata/index.js';
import type { Value } from '../onnx/index.js';
import type { Layers } from './layers.js';

/** Features `[N, F]`, and the share that their softmax has in the distribution of a network with several. */
export interface Branch {
  readonly name: string;
  readonly features: Value;
  readonly share: number;
}

/**
 * What a network ends with: features `[N, F]` that a head reads; several of them, each with a head of its own, whose
 * distributions are averaged by their shares; or an age in years, `[N, 1]`, that needs no head.
 */
export type NetworkEnd = Value | readonly Branch[] | { readonly expectation: Value };

/** A count of parameters that somebody published. */
export interface PublishedCount {
  readonly parameters: number;
  /** Whether the running statistics of batch norm are counted too, as Keras does in "total params". */
  readonly statistics: boolean;
  /** The outputs of the heads that were counted, by their sizes: `[1000]` for ImageNet. */
  readonly heads: readonly number[];
  /** The side of the pictures that it was counted for, where dense layers depend on it; the network's own if left out. */
  readonly side?: number;
  /** Who counted: `Keras Applications`, `torchvision`, a paper. */
  readonly source: string;
}

export interface Network {
  /** By which it is asked for: lower case, digits and hyphens. */
  readonly name: string;
  readonly title: string;
  /** The paper, or the code where there is none. */
  readonly source: string;
  readonly input: NetworkInput;
  /** The smallest input side that leaves features, where that is above 1, in pixels. */
  readonly smallest?: number;
  /** Whether heads have a bias; true if left out. */
  readonly headBias?: boolean;
  /** What the classifying layer is called in published weights: the scope of the head in a forward pass like theirs. */
  readonly classifier: string;
  /** The scope of what published weights fill and what a frozen backbone is; the whole network if left out. */
  readonly backbone?: string;
  /** Writes the network: images `[N, 3, H, W]` to its end. */
  readonly build: (layers: Layers, images: Value) => NetworkEnd;
  readonly published?: PublishedCount;
  /** Where weights in the layout of Keras belong; undefined where Keras publishes none. */
  readonly keras?: KerasLayout;
}

/** How the layers of a Keras model are called, and what of its layout names do not tell. */
export interface KerasLayout {
  /** From a scope of the network (`layer1.0.conv1`) to the Keras layer that fills it (`conv2_block1_1_conv`). */
  readonly layers: Readonly<Record<string, string>>;
  /**
   * Scopes of dense layers that read flattened maps, with the maps' shape `[C, H, W]`: Keras flattens them as
   * height, width, channels. The scope `classifier` stands for heads.
   */
  readonly flattened?: Readonly<Record<string, readonly [channels: number, height: number, width: number]>>;
}
