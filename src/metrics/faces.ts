/**
 * The table that figures are computed from: a row for each face, stored by columns. With distributions 20,000 faces take
 * 9 MB. Distributions are float32, and means and medians are derived from them, so that the figures of a table that was
 * written and read again are the same to the last digit.
 */
import { type AgeLabel, expectation, GENDERS, type Gender, OLDEST, quantile } from '../age/index.js';

/** The number of years of a distribution, 0..100. */
export const YEARS = OLDEST + 1;

/** A predicted age: a probability for each year 0..100, or single ages in years if there is no distribution. */
export type AgePrediction =
  | { readonly years: ArrayLike<number> }
  | { readonly mean: number; readonly median?: number }
  | { readonly mean?: number; readonly median: number };

/** A face with its labels and its prediction. Missing values are unknown. */
export interface FaceRow {
  readonly label?: AgeLabel | undefined;
  readonly gender?: Gender | undefined;
  /** `race`, `identity`, `set` and other columns to group faces by. */
  readonly columns?: Readonly<Record<string, string | undefined>>;
  /** Undefined if no face was found. */
  readonly prediction?: { readonly age?: AgePrediction; readonly female?: number } | undefined;
}

/** A column of names, each held once. */
export interface Column {
  readonly values: readonly string[];
  /** The index into `values` for each face, −1 if it has none. */
  readonly codes: Int32Array;
}

export interface FaceTable {
  readonly count: number;
  /** Both ends of a label's interval in years, equal for a known age; NaN without a label. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The standard deviation of an apparent age in years; NaN if there is none. */
  readonly std: Float64Array;
  /** The index into `GENDERS`, −1 if unknown. */
  readonly gender: Int8Array;
  /** 1 if the face was found, 0 if not. */
  readonly found: Uint8Array;
  /** `[count, 101]`, zeros if there is no distribution; undefined if no face has one. */
  readonly years: Float32Array | undefined;
  /** The decoded ages, in years; NaN if there is none. */
  readonly mean: Float64Array;
  readonly median: Float64Array;
  /** P(female); NaN if not predicted. */
  readonly female: Float64Array;
  readonly columns: ReadonlyMap<string, Column>;
}

/** How a distribution becomes one age. */
export type Decoding = 'mean' | 'median';

/**
 * The table of some rows, in order.
 * @throws RangeError if a label or a prediction is invalid, such as an age below 0 or a distribution of 80 numbers
 */
export function faceTable(rows: Iterable<FaceRow>): FaceTable {
  const [low, high, std, mean, median, female] = Array.from({ length: 6 }, (): number[] => []);
  const [gender, found]: number[][] = [[], []];
  const columns = new Map<string, ColumnBuilder>();
  let years = new Float32Array(0);
  let count = 0;
  for (const row of rows) {
    const { label, prediction } = row;
    const [from, to] = label === undefined ? [NaN, NaN] : ends(label, count);
    low!.push(from);
    high!.push(to);
    std!.push(label !== undefined && 'std' in label && label.std ? label.std : NaN);
    gender!.push(row.gender === undefined ? -1 : GENDERS.indexOf(row.gender));
    found!.push(Number(prediction !== undefined));
    female!.push(checkedShare(prediction?.female, count));
    const age = prediction?.age;
    if (age !== undefined && 'years' in age) {
      years = withRoom(years, (count + 1) * YEARS);
      years.set(checkedYears(age.years, count), count * YEARS);
      const exact = normalized(years, count);
      mean!.push(expectation(exact));
      median!.push(quantile(exact, 0.5));
    } else {
      mean!.push(checkedAge(age?.mean, count));
      median!.push(checkedAge(age?.median, count));
    }
    for (const [name, value] of Object.entries(row.columns ?? {})) {
      if (value === undefined) continue;
      let column = columns.get(name);
      if (column === undefined) {
        column = new ColumnBuilder();
        columns.set(name, column);
      }
      column.set(count, value);
    }
    count++;
  }
  return {
    count,
    low: Float64Array.from(low!),
    high: Float64Array.from(high!),
    std: Float64Array.from(std!),
    gender: Int8Array.from(gender!),
    found: Uint8Array.from(found!),
    years: years.length === 0 ? undefined : withRoom(years, count * YEARS).slice(0, count * YEARS),
    mean: Float64Array.from(mean!),
    median: Float64Array.from(median!),
    female: Float64Array.from(female!),
    columns: new Map([...columns].map(([name, column]) => [name, column.build(count)])),
  };
}

/** The faces at some indices, in that order. */
export function selectFaces(table: FaceTable, places: ArrayLike<number>): FaceTable {
  const count = places.length;
  const pick = <T extends Float64Array | Int8Array | Uint8Array | Int32Array>(values: T): T => {
    const picked = values.slice(0, 0).constructor as new (length: number) => T;
    const result = new picked(count);
    for (let i = 0; i < count; i++) result[i] = values[places[i]!]!;
    return result;
  };
  let years: Float32Array | undefined;
  if (table.years !== undefined) {
    years = new Float32Array(count * YEARS);
    for (let i = 0; i < count; i++) {
      years.set(table.years.subarray(places[i]! * YEARS, (places[i]! + 1) * YEARS), i * YEARS);
    }
  }
  return {
    count,
    low: pick(table.low),
    high: pick(table.high),
    std: pick(table.std),
    gender: pick(table.gender),
    found: pick(table.found),
    years,
    mean: pick(table.mean),
    median: pick(table.median),
    female: pick(table.female),
    columns: new Map(
      [...table.columns].map(([name, { values, codes }]) => [name, { values, codes: pick(codes) }]),
    ),
  };
}

/**
 * A face's probabilities of the years 0..100, which sum to 1; undefined without a distribution.
 * @param out what they are written into
 */
export function yearsOf(
  table: FaceTable,
  face: number,
  out: Float64Array = new Float64Array(YEARS),
): Float64Array | undefined {
  if (table.years === undefined || table.found[face] === 0) return undefined;
  const exact = normalized(table.years, face, out);
  return Number.isNaN(exact[0]!) ? undefined : exact;
}

/** The expectation of the probabilities of the years 0..100, in years, as in a table. */
export const expectedAge = (years: Float32Array): number => expectation(normalized(years, 0));

/** In double precision and normalized to a sum of 1; NaN if all are 0. */
function normalized(
  years: Float32Array,
  face: number,
  exact: Float64Array = new Float64Array(YEARS),
): Float64Array {
  const from = face * YEARS;
  let sum = 0;
  for (let year = 0; year < YEARS; year++) {
    exact[year] = years[from + year]!;
    sum += exact[year]!;
  }
  for (let year = 0; year < YEARS; year++) exact[year]! /= sum;
  return exact;
}

class ColumnBuilder {
  private readonly places = new Map<string, number>();
  private readonly codes: number[] = [];

  set(face: number, value: string): void {
    while (this.codes.length < face) this.codes.push(-1);
    let place = this.places.get(value);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(value, place);
    }
    this.codes.push(place);
  }

  build(count: number): Column {
    const codes = new Int32Array(count).fill(-1);
    codes.set(this.codes);
    return { values: [...this.places.keys()], codes };
  }
}

/** The same numbers with room for at least `length`: doubled, so that growth costs linear time in total. */
function withRoom(numbers: Float32Array, length: number): Float32Array<ArrayBuffer> {
  if (numbers.length >= length) return numbers as Float32Array<ArrayBuffer>;
  const larger = new Float32Array(Math.max(length, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}

function ends(label: AgeLabel, face: number): readonly [number, number] {
  const [from, to] = 'from' in label ? [label.from, label.to] : [label.age, label.age];
  if (!(from >= 0 && to >= from && to < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Face ${face}: its age must be years from 0 upwards, found ${from} to ${to}`);
  }
  return [from, to];
}

function checkedAge(age: number | undefined, face: number): number {
  if (age === undefined) return Number.NaN;
  if (Number.isFinite(age)) return age;
  throw new RangeError(`Face ${face}: its estimate must be a number of years, found ${age}`);
}

function checkedShare(share: number | undefined, face: number): number {
  if (share === undefined) return Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw new RangeError(`Face ${face}: P(female) must be in 0..1, found ${share}`);
}

function checkedYears(years: ArrayLike<number>, face: number): ArrayLike<number> {
  let sum = 0;
  let least = 0;
  for (let year = 0; year < years.length; year++) {
    sum += years[year]!;
    least = Math.min(least, years[year]!);
  }
  if (years.length === YEARS && Math.abs(sum - 1) < SUM_TOLERANCE && least >= 0) return years;
  throw new RangeError(
    `Face ${face}: its distribution must be ${YEARS} probabilities of sum 1, found ${years.length} numbers of sum ${sum}`,
  );
}

/** The tolerance for sums of probabilities; those of float16 networks are off by a thousandth. */
const SUM_TOLERANCE = 0.01;
