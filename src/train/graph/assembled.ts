/** What is trained: a forward graph and the names of its parts. */
import type { AgeClass } from '../../age/index.js';
import type { InputSpec } from '../../metadata/index.js';
import type { Model } from '../../onnx/index.js';
import { LOSS } from './names.js';

export interface Assembled {
  /** The forward graph in its training form, for batches of any size `N`. */
  readonly forward: Model;
  /** The name of its input of pictures, `[N, 3, H, W]`. */
  readonly images: string;
  readonly input: InputSpec;
  /** Undefined without a head for age. */
  readonly classes: readonly AgeClass[] | undefined;
  readonly gender: boolean;
  /** The names of the losses in the sum. */
  readonly losses: readonly string[];
  /** All trainable parameters, from input to output; heads include a network's own branches. */
  readonly backbone: readonly string[];
  readonly heads: readonly string[];
  /** The branches of a network with several, with their shares of its distribution; otherwise empty. */
  readonly branches: readonly { readonly name: string; readonly share: number }[];
  /** The constants with the branches' shares, one for each head, which stages set. */
  readonly shares: readonly string[];
  /** The running statistics of batch norm. */
  readonly statistics: readonly string[];
  /** A description: the network and its initial weights. */
  readonly description: string;
}

/** All constants of the graph that a run may change. */
export const weightNames = ({ backbone, heads, statistics, shares }: Assembled): string[] => [
  ...backbone,
  ...heads,
  ...statistics,
  ...shares,
];

/** The outputs that are losses: the sum, and its parts if there are several. */
export const lossNames = ({ losses }: Assembled): string[] => [
  LOSS,
  ...(losses.length > 1 ? losses.map((name) => `${LOSS}.${name}`) : []),
];

/** The number of trainable parameters. */
export const parameterCount = ({ forward, backbone, heads }: Assembled): number =>
  [...backbone, ...heads].reduce(
    (sum, name) => sum + forward.graph.initializers.get(name)!.dims.reduce((a, b) => a * b, 1),
    0,
  );
