/** Named sets of age classes in common use. */
import { type AgeClass, OLDEST, yearClasses } from './classes.js';

const groups = (...bounds: readonly (readonly [from: number, to: number])[]): AgeClass[] =>
  bounds.map(([from, to]) => ({ from, to }));

const fiveYears = Array.from({ length: 13 }, (_, i) => [5 * i + 1, 5 * i + 5] as const);

/**
 * - `0-100`: the years of DEX (Rothe et al., IJCV 2018); `1-100` and `1-80` are subsets.
 * - `groups-14`: 1-5, 6-10, …, 61-65, 66 and more.
 * - `groups-8`: 1-5, 6-18, 19-25, 26-35, 36-45, 46-50, 51-65, 66 and more.
 * - `adience`: the eight groups of Eidinger, Enbar, Hassner, IEEE TIFS 2014, with gaps between them.
 */
export const CLASS_SETS = {
  '0-100': yearClasses(),
  '1-100': yearClasses(1),
  '1-80': yearClasses(1, 80),
  'groups-14': groups(...fiveYears, [66, OLDEST]),
  'groups-8': groups([1, 5], [6, 18], [19, 25], [26, 35], [36, 45], [46, 50], [51, 65], [66, OLDEST]),
  adience: groups([0, 2], [4, 6], [8, 13], [15, 20], [25, 32], [38, 43], [48, 53], [60, OLDEST]),
} as const satisfies Readonly<Record<string, readonly AgeClass[]>>;

/** A class's label: `30`, `26-30`, or `66+` for the oldest, which holds all who are older too. */
export function classLabel({ from, to }: AgeClass): string {
  if (from === to) return `${from}`;
  return to === OLDEST ? `${from}+` : `${from}-${to}`;
}
