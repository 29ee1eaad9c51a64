/** Keras' names of layers and their weights. */

/** A weight's role in its layer, by its current name in Keras. */
export type KerasRole = string;

/** The names of Keras 1; its `running_std` also holds the variance. */
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
  /** The layer inside a nested model, or the layer itself; undefined if the name does not show it. */
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

/** Names that Keras generates by counting: `conv2d`, `conv2d_1`, ... */
const AUTOMATIC =
  /^(conv2d|convolution2d|depthwise_conv2d|batch_normalization|batchnormalization|dense)(?:_(\d+))?$/;
/** Their names in Keras 1. */
const OLD_KINDS: Readonly<Record<string, string>> = {
  convolution2d: 'conv2d',
  batchnormalization: 'batch_normalization',
};

/**
 * Renumbers automatically named layers from 1 for each kind: the numbers in a file depend on what else the program had
 * created before.
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

/** The kind of layer that an automatic name is of; undefined for a name that somebody gave. */
export function kindOf(name: string): string | undefined {
  const [, kind] = AUTOMATIC.exec(name) ?? [];
  return kind === undefined ? undefined : (OLD_KINDS[kind] ?? kind);
}

/** The number of an automatic name; 0 where it has none. */
export const numberOf = (name: string): number => Number(AUTOMATIC.exec(name)?.[2] ?? 0);
