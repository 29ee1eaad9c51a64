/** Age bands, by which splits are stratified and samples balanced. */
import type { AgeLabel } from './targets.js';

/** The first age of each band. Bands are narrow in childhood, when faces change fast; the last band is open. */
export const BAND_STARTS: readonly number[] = [0, 4, 10, 18, 26, 36, 46, 56, 66, 76];

/** The age that represents a label, in years: the age itself, or the middle of its interval. */
export const labelAge = (label: AgeLabel): number =>
  'from' in label ? (label.from + label.to) / 2 : label.age;

/** The index of the band that a label falls into. Ages below the first band belong to it. */
export function bandOf(label: AgeLabel, starts: readonly number[] = BAND_STARTS): number {
  const age = labelAge(label);
  let band = starts.length - 1;
  while (band > 0 && age < starts[band]!) band--;
  return band;
}

/** Such as `18-25`, and `76+` for the last. */
export function bandName(band: number, starts: readonly number[] = BAND_STARTS): string {
  const next = starts[band + 1];
  return next === undefined ? `${starts[band]}+` : `${starts[band]}-${next - 1}`;
}
