/** The labels of all rows in columns: 14 bytes a row, so that half a million of them are little. */
import { BAND_STARTS, bandName, bandOf, OLDEST } from '../../age/index.js';
import type { StoreRow } from '../store/index.js';
import { spread, Tally } from './tally.js';
import {
  type AgeHistogram,
  type AgeTable,
  GENDER_NAMES,
  type GenderName,
  type IdentityCounts,
  type LabelKinds,
} from './types.js';

/** Higher ages are counted here; no one has lived beyond 122. */
const LAST_YEAR = 130;
/** Races beyond the most frequent are counted together. */
const MOST_RACES = 12;
const UNKNOWN_RACE = 'unknown';
const OTHER_RACES = 'others';
/** More would make the table useless. */
const MOST_INTERVALS = 24;

const NO_BAND = 255;

/** Such as `60-69`, and `70+` if it ends at the oldest age of networks. */
const intervalName = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  to >= OLDEST ? `${from}+` : from === to ? `${from}` : `${from}-${to}`;

export class LabelColumns {
  /** Both ends of each row's age, equal if it is exact; NaN if there is none. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** By GENDER_NAMES. */
  readonly gender: Uint8Array;
  /** By BAND_STARTS; NO_BAND if there is no age. */
  readonly band: Uint8Array;
  readonly sources = new Tally();
  readonly splits = new Tally();
  private readonly identities = new Tally();
  private readonly genders = new Tally();
  /** The races' numbers, by their names. */
  private readonly races = new Map<string, number>();
  private readonly race: Uint32Array;
  private readonly intervals = new Map<string, { from: number; to: number; count: number }>();
  private readonly years = GENDER_NAMES.map(() => new Array<number>(LAST_YEAR + 1).fill(0));
  private readonly counted = { exact: 0, spread: 0, interval: 0, none: 0 };
  private identified = 0;

  constructor(rows: number) {
    this.from = new Float32Array(rows).fill(Number.NaN);
    this.to = new Float32Array(rows).fill(Number.NaN);
    this.gender = new Uint8Array(rows);
    this.race = new Uint32Array(rows);
    this.band = new Uint8Array(rows).fill(NO_BAND);
  }

  add({ index, age, gender: known, race = UNKNOWN_RACE, ...row }: StoreRow): void {
    const gender: GenderName = known ?? 'unknown';
    const code = GENDER_NAMES.indexOf(gender);
    this.gender[index] = code;
    const raceCode = this.races.get(race) ?? this.races.size;
    this.races.set(race, raceCode);
    this.race[index] = raceCode;
    this.genders.add(gender);
    this.sources.add(row.source);
    if (row.split !== undefined) this.splits.add(row.split);
    if (row.identity !== undefined) {
      this.identities.add(`${row.source}/${row.identity}`);
      this.identified++;
    }
    if (age === undefined) {
      this.counted.none++;
      return;
    }
    const [from, to] = 'from' in age ? [age.from, age.to] : [age.age, age.age];
    this.from[index] = from;
    this.to[index] = to;
    this.band[index] = bandOf(age);
    if ('from' in age) this.addInterval(from, to);
    else {
      this.counted[age.std === undefined ? 'exact' : 'spread']++;
      this.years[code]![Math.min(LAST_YEAR, Math.max(0, Math.round(from)))]!++;
    }
  }

  private addInterval(from: number, to: number): void {
    this.counted.interval++;
    const key = `${from}-${to}`;
    const known = this.intervals.get(key);
    if (known) known.count++;
    else this.intervals.set(key, { from, to, count: 1 });
  }

  kinds(): LabelKinds {
    return this.counted;
  }

  genderCounts() {
    return this.genders.named();
  }

  /** Rows by year, all genders together. */
  yearCounts(): number[] {
    return this.years[0]!.map((_, year) => this.years.reduce((sum, counts) => sum + counts[year]!, 0));
  }

  histogram(): AgeHistogram {
    const oldest = this.yearCounts().findLastIndex((count) => count > 0);
    const [female, male, unknown] = this.years.map((counts) => counts.slice(0, oldest + 1));
    return {
      years: { female: female!, male: male!, unknown: unknown! },
      intervals: [...this.intervals.values()].sort((a, b) => a.from - b.from || a.to - b.to),
    };
  }

  /**
   * The age groups by which rows are shown: a set's own intervals if it has only a few of these and no other ages, else
   * bands, with intervals assigned by their middle. For each row, the number of its group, or NO_BAND.
   */
  groups(): {
    readonly names: readonly string[];
    readonly groupOf: Uint8Array;
    readonly ownIntervals: boolean;
  } {
    const { intervals } = this.histogram();
    const { exact, spread } = this.counted;
    if (exact + spread > 0 || intervals.length === 0 || intervals.length > MOST_INTERVALS) {
      return { names: BAND_STARTS.map((_, band) => bandName(band)), groupOf: this.band, ownIntervals: false };
    }
    const numbers = new Map(intervals.map(({ from, to }, i) => [`${from}-${to}`, i]));
    const groupOf = this.band.map((band, row) =>
      band === NO_BAND ? NO_BAND : numbers.get(`${this.from[row]}-${this.to[row]}`)!,
    );
    return { names: intervals.map(intervalName), groupOf, ownIntervals: true };
  }

  table(): AgeTable {
    const { names, groupOf, ownIntervals } = this.groups();
    const totals = new Uint32Array(this.races.size);
    groupOf.forEach((group, row) => {
      if (group !== NO_BAND) totals[this.race[row]!]!++;
    });
    const races = [...this.races]
      .filter(([, code]) => totals[code]! > 0)
      .sort(([a, x], [b, y]) => totals[y]! - totals[x]! || (a < b ? -1 : 1));
    const shown = races.slice(0, races.length > MOST_RACES ? MOST_RACES - 1 : MOST_RACES);
    const columns = [...shown.map(([race]) => race), ...(shown.length < races.length ? [OTHER_RACES] : [])];
    const columnOf = new Map(races.map(([, code], i) => [code, Math.min(i, columns.length - 1)]));
    const counts = names.map(() => GENDER_NAMES.map(() => columns.map(() => 0)));
    groupOf.forEach((group, row) => {
      if (group === NO_BAND) return;
      counts[group]![this.gender[row]!]![columnOf.get(this.race[row]!)!]!++;
    });
    return { bands: names, ownIntervals, races: columns, counts };
  }

  identityCounts(): IdentityCounts {
    return {
      persons: this.identities.size,
      rows: this.identified,
      pictures: spread(this.identities.values()),
    };
  }
}
