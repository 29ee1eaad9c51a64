/** How Keras calls layers and their weights. */

/** What a weight is for its layer, by its present name in Keras. */
export type KerasRole = string;

/** Keras 1 called them otherwise; its `running_std` holds the variance too. */
const OLD_ROLES: Readonly<Record<string, KerasRole>> = {
  W: 'kernel',
  b: 'bias',
  gamma: 'gamma',
  beta: 'beta',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
};
const OLD_NAME = /(?:^|_)(W|b|gamma|beta|running_mean|running_std)(?:_\d+)?$/;

export interface WeightName {
  /** The layer inside a nested model, or the layer itself; undefined if the name does not tell. */
  readonly layer: string | undefined;
  readonly role: KerasRole;
}

/**
 * The parts of a weight's name: `block1_conv1/kernel:0`, in a nested model `vgg16/block1_conv1/kernel:0`, in Keras 1
 * `block1_conv1_W_1:0`.
 */
export function weightName(name: string): WeightName {
  const plain = name.replace(/:\d+$/, '');
  const parts = plain.split('/');
  const last = parts.pop()!;
  if (parts.length > 0) return { layer: parts.at(-1)!, role: last };
  const old = OLD_NAME.exec(last);
  return { layer: undefined, role: old ? OLD_ROLES[old[1]!]! : last };
}

/** Names that Keras made up by counting: `conv2d`, `conv2d_1`, ... */
const AUTOMATIC =
  /^(conv2d|convolution2d|depthwise_conv2d|batch_normalization|batchnormalization|dense)(?:_(\d+))?$/;
/** What Keras 1 called them. */
const OLD_KINDS: Readonly<Record<string, string>> = {
  convolution2d: 'conv2d',
  batchnormalization: 'batch_normalization',
};

/**
 * For layers with names that Keras made up the name with a number that counts them from 1, kind by kind: the numbers in a file
 * go on from whatever else was made before in the program that wrote it.
 */
export function counted(names: Iterable<string>): Map<string, string> {
  const kinds = new Map<string, { name: string; number: number }[]>();
  for (const name of names) {
    const match = AUTOMATIC.exec(name);
    if (!match) continue;
    const kind = OLD_KINDS[match[1]!] ?? match[1]!;
    const list = kinds.get(kind) ?? [];
    kinds.set(kind, list);
    list.push({ name, number: Number(match[2] ?? 0) });
  }
  return new Map(
    [...kinds].flatMap(([kind, list]) =>
      list.sort((a, b) => a.number - b.number).map(({ name }, i) => [`${kind}_${i + 1}`, name] as const),
    ),
  );
}

export const isAutomatic = (name: string): boolean => AUTOMATIC.test(name);
