/**
 * Manual corrections of a data set: a table with the columns `file` (the path in the data set), `exclude`, `age` and
 * `gender`, as offered by the inspection page. An empty cell changes nothing. In a picture with several faces, `face` says
 * which one, from 1, in the order of the data set.
 */
import type { AgeLabel, Gender } from '../../age/index.js';
import { withoutApostrophe } from '../plain-text.js';
import { GENDER_WORDS, isPossible, isUnknown, LONGEST_LIFE, parseAge } from '../readers/shared/labels.js';
import { readTable } from '../readers/shared/table.js';
import { DataError, isRejection, type Reading } from '../types.js';

interface Correction {
  readonly at: string;
  readonly exclude: boolean;
  readonly age?: AgeLabel;
  readonly gender?: Gender;
}

const YES = /^(x|y|yes|true|1)$/i;
const NO = /^(|n|no|false|0)$/i;

/** The corrections of a file: by the number of a face, or 0 where the table gives none. */
type FileCorrections = Map<number, Correction>;

/** Corrections by file and face. */
export class Corrections {
  /** Corrections of pictures and faces found in the data set. */
  private readonly used = new Set<Correction>();
  /** Paths of pictures that got other labels, but were left out for another reason. */
  private readonly rejected = new Set<string>();
  private readonly all: readonly Correction[];

  constructor(
    private readonly source: string,
    private readonly byFile: ReadonlyMap<string, FileCorrections>,
  ) {
    this.all = [...byFile.values()].flatMap((faces) => [...faces.values()]);
  }

  /** How many are left out, and how many others have other labels. */
  get counts(): { readonly exclude: number; readonly relabel: number } {
    const exclude = this.all.filter((correction) => correction.exclude).length;
    return { exclude, relabel: this.all.length - exclude };
  }

  /**
   * The corrected readings.
   * @throws DataError if a label is corrected of a picture with several faces without the number of the face
   */
  async *applied(readings: AsyncIterable<Reading>): AsyncGenerator<Reading> {
    const seen = new Set<string>();
    for await (const reading of readings) {
      const { path } = reading;
      const faces = this.byFile.get(path);
      const face = isRejection(reading) ? undefined : reading.face;
      const own = faces?.get(face ?? 1);
      const correction = own ?? faces?.get(0);
      if (correction === undefined) {
        yield reading;
        continue;
      }
      this.used.add(correction);
      const { at, exclude, age, gender } = correction;
      if (exclude) {
        const detail = `expected a picture that no correction leaves out, found ${at}`;
        yield { path, reason: 'excluded', detail };
      } else if (isRejection(reading)) {
        this.rejected.add(path);
        yield reading;
      } else if (own === undefined && seen.has(path)) {
        throw new DataError(
          `${at}: expected the number of a face in the column face, found several faces in '${path}'`,
        );
      } else {
        if (own === undefined) seen.add(path);
        yield { ...reading, ...(age && { age }), ...(gender && { gender }) };
      }
    }
  }

  /** Notices if the table changes nothing, labels pictures that are left out, or names files or faces that the data set does not have. */
  get notices(): string[] {
    if (this.all.length === 0)
      return [
        `${this.source} changes nothing: expected cells in the columns exclude, age or gender, found none`,
      ];
    return [this.rejectedNotice(), this.unknownNotice()].filter((notice) => notice !== undefined);
  }

  private rejectedNotice(): string | undefined {
    const [first] = this.rejected;
    if (first === undefined) return undefined;
    return `${this.source} labels ${this.rejected.size} of ${this.all.length} files that are left out all the same, the first '${first}'; rejects.csv says why`;
  }

  private unknownNotice(): string | undefined {
    const unknown = [...this.byFile].flatMap(([file, faces]) =>
      [...faces].flatMap(([face, correction]) =>
        this.used.has(correction) ? [] : [`'${file}'${face > 0 ? `, face ${face}` : ''}`],
      ),
    );
    if (unknown.length === 0) return undefined;
    return `${this.source} names ${unknown.length} of ${this.all.length} files that the data set does not have, the first ${unknown[0]}`;
  }
}

/**
 * Reads a table of corrections.
 * @throws DataError if it lacks the column `file`, or a cell is invalid.
 */
export async function readCorrections(source: string): Promise<Corrections> {
  const byFile = new Map<string, FileCorrections>();
  const optional = ['face', 'exclude', 'age', 'gender'] as const;
  const table = readTable(source, { columns: ['file'], optional });
  /** What lines say of excluding, by file and face. */
  const excludes = new Map<string, boolean>();
  for await (const { at, cells } of table) {
    const file = withoutApostrophe(cells.file);
    if (file === '') throw new DataError(`${at}: expected a file, found none`);
    const correction = correctionIn(at, cells);
    if (correction === undefined && cells.exclude === '') continue;
    const face = faceIn(at, cells.face);
    const which = face > 0 ? `face ${face} of '${file}'` : `'${file}'`;
    const exclude = correction?.exclude ?? false;
    if (excludes.get(which) === !exclude) {
      throw new DataError(`${at}: expected one word on excluding ${which}, found yes and no`);
    }
    if (cells.exclude !== '') excludes.set(which, exclude);
    if (correction === undefined) continue;
    const faces = byFile.get(file) ?? new Map<number, Correction>();
    if (faces.has(face)) throw new DataError(`${at}: expected one correction of ${which}, found a second`);
    byFile.set(file, faces.set(face, correction));
  }
  return new Corrections(source, byFile);
}

/** 0 where the cell is empty. */
function faceIn(at: string, text: string): number {
  if (isUnknown(text)) return 0;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new DataError(`${at}: expected the number of a face, from 1, found '${text}'`);
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
  if (age !== undefined && !isPossible(age)) {
    throw new DataError(`${at}: expected an age of 0 to ${LONGEST_LIFE} years, found '${ageText}'`);
  }
  const gender = GENDER_WORDS[genderText.toLowerCase()];
  if (gender === undefined && !isUnknown(genderText)) {
    throw new DataError(`${at}: expected female or male, found '${genderText}'`);
  }
  if (age === undefined && gender === undefined) return undefined;
  return { at, exclude: false, ...(age && { age }), ...(gender && { gender }) };
}
