/**
 * Manual corrections of a data set: a table with the columns `file` (the path in the data set), `exclude`, `age` and
 * `gender`, as offered by the inspection page. An empty cell changes nothing.
 */
import type { AgeLabel, Gender } from '../../age/index.js';
import { withoutApostrophe } from '../plain-text.js';
import { GENDER_WORDS, isUnknown, parseAge } from '../readers/shared/labels.js';
import { findDelimiter, readTable } from '../readers/shared/table.js';
import { DataError, isRejection, type Reading } from '../types.js';

interface Correction {
  readonly at: string;
  readonly exclude: boolean;
  readonly age?: AgeLabel;
  readonly gender?: Gender;
}

const YES = /^(x|y|yes|true|1)$/i;
const NO = /^(|n|no|false|0)$/i;

/** Corrections by file. */
export class Corrections {
  /** Files found in the data set. */
  private readonly used = new Set<string>();

  constructor(
    private readonly source: string,
    private readonly byFile: ReadonlyMap<string, Correction>,
  ) {}

  /** How many files are left out, and how many others have other labels. */
  get counts(): { readonly exclude: number; readonly relabel: number } {
    const exclude = [...this.byFile.values()].filter((correction) => correction.exclude).length;
    return { exclude, relabel: this.byFile.size - exclude };
  }

  /**
   * The corrected readings.
   * @throws DataError if a label is corrected of a picture with several faces: it is unclear which face is meant.
   */
  async *applied(readings: AsyncIterable<Reading>): AsyncGenerator<Reading> {
    const seen = new Set<string>();
    for await (const reading of readings) {
      const { path } = reading;
      const correction = this.byFile.get(path);
      if (correction === undefined) {
        yield reading;
        continue;
      }
      this.used.add(path);
      const { at, exclude, age, gender } = correction;
      if (exclude) {
        const detail = `expected a picture that no correction leaves out, found ${at}`;
        yield { path, reason: 'excluded', detail };
      } else if (isRejection(reading)) yield reading;
      else if (seen.has(path)) {
        throw new DataError(`${at}: expected a picture with one face, found several faces in '${path}'`);
      } else {
        seen.add(path);
        yield { ...reading, ...(age && { age }), ...(gender && { gender }) };
      }
    }
  }

  /** A notice if the table names files that the data set does not have. */
  get notice(): string | undefined {
    const unknown = [...this.byFile.keys()].filter((file) => !this.used.has(file));
    if (unknown.length === 0) return undefined;
    return `${this.source} names ${unknown.length} of ${this.byFile.size} files that the data set does not have, the first '${unknown[0]}'`;
  }
}

/**
 * Reads a table of corrections.
 * @throws DataError if it lacks the column `file`, or a cell is invalid.
 */
export async function readCorrections(source: string): Promise<Corrections> {
  const byFile = new Map<string, Correction>();
  const delimiter = await findDelimiter(source);
  const table = readTable(source, { columns: ['file'], optional: ['exclude', 'age', 'gender'], delimiter });
  for await (const { at, cells } of table) {
    const file = withoutApostrophe(cells.file);
    if (file === '') throw new DataError(`${at}: expected a file, found none`);
    const correction = correctionIn(at, cells);
    if (correction === undefined) continue;
    if (byFile.has(file)) throw new DataError(`${at}: expected one correction of '${file}', found a second`);
    byFile.set(file, correction);
  }
  return new Corrections(source, byFile);
}

function correctionIn(
  at: string,
  { exclude, age: ageText, gender: genderText }: Readonly<Record<'exclude' | 'age' | 'gender', string>>,
): Correction | undefined {
  if (YES.test(exclude)) return { at, exclude: true };
  if (!NO.test(exclude)) throw new DataError(`${at}: expected yes or no as exclude, found '${exclude}'`);
  const age = parseAge(withoutApostrophe(ageText));
  if (age === undefined && !isUnknown(ageText)) {
    throw new DataError(`${at}: expected an age or a range of ages, found '${ageText}'`);
  }
  const gender = GENDER_WORDS[genderText.toLowerCase()];
  if (gender === undefined && !isUnknown(genderText)) {
    throw new DataError(`${at}: expected female or male, found '${genderText}'`);
  }
  if (age === undefined && gender === undefined) return undefined;
  return { at, exclude: false, ...(age && { age }), ...(gender && { gender }) };
}
