/** The labels of all rows in columns: 17 bytes a row, so that half a million of them are little. */
import { BAND_STARTS, bandName, bandOf } from '../../age/index.js';
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

/** Ages above are counted here; nobody was older than 122. */
const LAST_YEAR = 130;
/** Races beyond the most frequent are counted together. */
const MOST_RACES = 12;
const UNKNOWN_RACE = 'unknown';
const OTHER_RACES = 'others';

export const NO_BAND = 255;

export class LabelColumns {
  /** Both ends of each row's age, which are one where it is exact; NaN where there is none. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** By GENDER_NAMES. */
  readonly gender: Uint8Array;
  /** By BAND_STARTS; NO_BAND where there is no age. */
  readonly band: Uint8Array;
  readonly sources = new Tally();
  readonly splits = new Tally();
  private readonly identities = new Tally();
  private readonly genders = new Tally();
  private readonly races = new Map<string, Uint32Array>();
  private readonly intervals = new Map<string, { from: number; to: number; count: number }>();
  private readonly years = GENDER_NAMES.map(() => new Array<number>(LAST_YEAR + 1).fill(0));
  private readonly counted = { exact: 0, spread: 0, interval: 0, none: 0 };
  private identified = 0;

  constructor(rows: number) {
    this.from = new Float32Array(rows).fill(Number.NaN);
    this.to = new Float32Array(rows).fill(Number.NaN);
    this.gender = new Uint8Array(rows);
    this.band = new Uint8Array(rows).fill(NO_BAND);
  }

  add({ index, age, gender: known, race = UNKNOWN_RACE, ...row }: StoreRow): void {
    const gender: GenderName = known ?? 'unknown';
    const code = GENDER_NAMES.indexOf(gender);
    this.gender[index] = code;
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
    this.addRace(race, this.band[index]!, code);
    if ('from' in age) this.addInterval(from, to);
    else {
      this.counted[age.std === undefined ? 'exact' : 'spread']++;
      this.years[code]![Math.min(LAST_YEAR, Math.max(0, Math.round(from)))]!++;
    }
  }

  private addRace(race: string, band: number, gender: number): void {
    let counts = this.races.get(race);
    if (counts === undefined) {
      counts = new Uint32Array(BAND_STARTS.length * GENDER_NAMES.length);
      this.races.set(race, counts);
    }
    counts[band * GENDER_NAMES.length + gender]!++;
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

  table(): AgeTable {
    const total = (counts: Uint32Array) => counts.reduce((sum, count) => sum + count, 0);
    const races = [...this.races].sort(([a, x], [b, y]) => total(y) - total(x) || (a < b ? -1 : 1));
    const shown = races.slice(0, races.length > MOST_RACES ? MOST_RACES - 1 : MOST_RACES);
    const rest = races.slice(shown.length);
    if (rest.length > 0) {
      const sum = new Uint32Array(BAND_STARTS.length * GENDER_NAMES.length);
      sum.forEach((_, cell) => {
        sum[cell] = rest.reduce((all, [, counts]) => all + counts[cell]!, 0);
      });
      shown.push([OTHER_RACES, sum]);
    }
    const bands = BAND_STARTS.map((_, band) => bandName(band));
    return {
      bands,
      races: shown.map(([race]) => race),
      counts: bands.map((_, band) =>
        GENDER_NAMES.map((_, gender) =>
          shown.map(([, counts]) => counts[band * GENDER_NAMES.length + gender]!),
        ),
      ),
    };
  }

  identityCounts(): IdentityCounts {
    return {
      persons: this.identities.size,
      rows: this.identified,
      pictures: spread(this.identities.values()),
    };
  }
}
