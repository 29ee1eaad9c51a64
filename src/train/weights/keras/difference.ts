/** The difference between a network's layers and those of a file: missing, unexpected and differing ones. */
import { elementCount } from '../../../onnx/index.js';
import type { LayerDifference } from '../weight-file.js';
import { type KerasRole, numberOf } from './names.js';

export interface NamedLayer {
  readonly name: string;
  /** What layers that fit each other have in common. */
  readonly sizes: string;
}

/**
 * The sizes of a layer's weights in words. Of a kernel those that it has in every form: a dense layer may be a convolution
 * in Keras, and the kernel of single channels has its outputs elsewhere.
 */
export function sizesOf(weights: readonly (readonly [role: KerasRole, dims: readonly number[]])[]): string {
  const parts = weights.map(([role, dims]) => {
    const plain = role.replace(/^depthwise_/, '');
    return `${plain} of ${elementCount(dims).toLocaleString('en-US')}`;
  });
  return parts.sort().join(', ');
}

/** For layers with names that somebody gave. */
export function byName(expected: readonly NamedLayer[], found: readonly NamedLayer[]): LayerDifference {
  const theirs = new Map(found.map(({ name, sizes }) => [name, sizes]));
  const ours = new Set(expected.map(({ name }) => name));
  return {
    missing: expected.flatMap(({ name }) => (theirs.has(name) ? [] : [name])),
    extra: found.flatMap(({ name }) => (ours.has(name) ? [] : [name])),
    other: expected.flatMap((layer) => {
      const sizes = theirs.get(layer.name);
      return sizes === undefined || sizes === layer.sizes ? [] : [differing(layer, { ...layer, sizes })];
    }),
  };
}

/**
 * For numbered layers, both in order: a longest common subsequence by sizes, so that a missing layer in the middle is
 * reported without all that follow. A gap of equally many layers on both sides means layers of another size.
 */
export function byPlace(expected: readonly NamedLayer[], found: readonly NamedLayer[]): LayerDifference {
  const [n, m] = [expected.length, found.length];
  const longest = Array.from({ length: n + 1 }, () => new Uint32Array(m + 1));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      longest[i]![j] =
        expected[i]!.sizes === found[j]!.sizes
          ? longest[i + 1]![j + 1]! + 1
          : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
    }
  }
  const missing: string[] = [];
  const extra: string[] = [];
  const other: string[] = [];
  let gap: [NamedLayer[], NamedLayer[]] = [[], []];
  const close = () => {
    const [ours, theirs] = gap;
    if (ours.length === theirs.length) other.push(...ours.map((layer, k) => differing(layer, theirs[k]!)));
    else {
      missing.push(...ours.map(({ name }) => name));
      extra.push(...theirs.map(({ name }) => name));
    }
    gap = [[], []];
  };
  let [i, j] = [0, 0];
  while (i < n || j < m) {
    if (i < n && j < m && expected[i]!.sizes === found[j]!.sizes) {
      close();
      i++;
      j++;
    } else if (j >= m || (i < n && longest[i + 1]![j]! >= longest[i]![j + 1]!)) gap[0].push(expected[i++]!);
    else gap[1].push(found[j++]!);
  }
  close();
  return { missing, extra, other };
}

/** In the order of their numbers: a file lists them by name. */
export const inNumbers = (layers: readonly NamedLayer[]): NamedLayer[] =>
  layers.toSorted((a, b) => numberOf(a.name) - numberOf(b.name));

const differing = (expected: NamedLayer, found: NamedLayer): string =>
  `'${found.name}' has ${found.sizes}, not ${expected.sizes}`;
