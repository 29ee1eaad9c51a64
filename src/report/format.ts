/** Numbers formatted for people, in the same way on all pages. */

const THIN_SPACE = '\u202f';

/** The decimals that multiples of a step need at most. */
export const decimalsOf = (step: number): number => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));

/** With thousands separators from 10 000 on, and at most `decimals` decimals. */
export function formatNumber(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const rounded = Number(value.toFixed(decimals));
  const magnitude = Math.abs(rounded);
  // Small numbers keep significant digits.
  const [whole, fraction] = (
    rounded === 0 && value !== 0 ? Math.abs(value).toPrecision(2) : String(magnitude)
  ).split('.');
  const grouped = whole!.length > 4 ? whole!.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole!;
  return `${value < 0 && (rounded !== 0 || value !== 0) ? '−' : ''}${grouped}${fraction ? `.${fraction}` : ''}`;
}

/**
 * A share of 0..1 as a percentage; values near but not equal to 0 or 1 do not print as 0% or 100%.
 * @param step of an axis, whose numbers must differ
 */
export function formatShare(share: number, step = 1): string {
  const percent = 100 * share;
  const decimals = decimalsOf(100 * step);
  if (decimals > 0) return `${formatNumber(percent, decimals)}%`;
  if (percent > 0 && percent < 0.1) return '< 0.1%';
  if (percent < 100 && percent > 99.9) return '> 99.9%';
  return `${percent < 10 && percent > 0 ? Number(percent.toFixed(1)) : percent.toFixed(0)}%`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** Bytes in decimal units (kB, MB, GB). */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${UNITS[power]}`;
}

/** A duration, to the minute if it is longer than one: `45 s`, `12 min`, `3 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (Math.round(seconds) < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${minutes} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
