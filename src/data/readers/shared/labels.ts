/** Words that data sets have for ages and genders, read in one place. */
import { type AgeLabel, OLDEST } from '../../../age/index.js';
import type { Gender, Sample } from '../../types.js';

/** A picture's labels, without its location. */
export type Labels = Omit<Sample, 'path' | 'image'>;

/** The longest human life that is documented, in years: Jeanne Calment's, 122 years and 164 days. */
export const LONGEST_LIFE = 122;

/** How the detail of a rejection ends whose age is none in years, but one in months. */
export const PERHAPS_MONTHS = ', which may be in months';

/** The known facts, without those that are `undefined`. */
export function known<T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * A number in decimal digits, as labels have it, with a point or, as much of Europe writes it, a comma; undefined for
 * anything else, an empty text and powers of ten included.
 */
export function parseNumber(text: string): number | undefined {
  return /^[-+]?(\d+[.,]?\d*|[.,]\d+)$/.test(text) ? Number(text.replace(',', '.')) : undefined;
}

/** A measure as programs write them, also in scientific notation, which no label has: `-1.4e-14`. */
export function parseMeasure(text: string): number | undefined {
  const [, digits, exponent] = /^(.*\d[.,]?)e([-+]?\d+)$/i.exec(text) ?? [];
  if (digits === undefined) return parseNumber(text);
  const value = Number(`${parseNumber(digits)}e${exponent}`);
  return Number.isFinite(value) ? value : undefined;
}

/** Words for genders, in lower case. */
export const GENDER_WORDS: Readonly<Record<string, Gender>> = {
  f: 'female',
  female: 'female',
  girl: 'female',
  woman: 'female',
  m: 'male',
  male: 'male',
  boy: 'male',
  man: 'male',
};

/** Texts that mean a missing label, also to R, pandas and spreadsheets. */
export const isUnknown = (text: string): boolean =>
  /^(|-|none|null|nan|na|<na>|#?n\/a|unknown|\?)$/i.test(text);

/**
 * An age, or a range of ages, in years: `25`, `25.5`, `25,5`, `20-29`, `(25, 32)`, `60+`. A comma separates a range
 * only inside brackets. An open range ends at the last age class. Undefined for other texts; whether the age is
 * possible is not checked.
 */
export function parseAge(text: string): AgeLabel | undefined {
  const age = parseNumber(text);
  if (age !== undefined) return { age };
  const range = /^(\d+)\s*[-–]\s*(\d+)$/.exec(text) ?? /^[([]\s*(\d+)\s*[-–,]\s*(\d+)\s*[)\]]$/.exec(text);
  if (range) return { from: Number(range[1]), to: Number(range[2]) };
  const open = /^(\d+)\s*\+$/.exec(text);
  return open ? openRange(Number(open[1])) : undefined;
}

/** Whether somebody may be that old. */
export function isPossible(age: AgeLabel): boolean {
  if ('from' in age) return 0 <= age.from && age.from <= age.to && age.to <= LONGEST_LIFE;
  return 0 <= age.age && age.age <= LONGEST_LIFE;
}

/** The ages from `from` on. */
export const openRange = (from: number): AgeLabel => ({ from, to: Math.max(from, OLDEST) });
