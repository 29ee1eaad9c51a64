/**
 * The user's own CSV file, one row per picture, with a header. Options name the columns; without them the default names
 * are looked for:
 *
 *     path, age, age_min, age_max, age_std, gender, race, identity, face_x, face_y, face_width, face_height, split
 *
 * as in an exported store; capitals do not matter. The path is relative to the file, or to the folder of the option
 * `images`. An age may also be a range (`20-29`, `60+`); `age_min` alone means "and older", `age_max` alone "and younger".
 * A face's box is in pixels of the upright picture; it distinguishes rows of one picture.
 * `delimiter` is one character, or `tab`; the default is the most frequent of comma, semicolon and tab in the header.
 *
 * Gender is an English word or its first letter. Data sets use numbers in opposite senses, so numbers and any other words
 * need the options `female` and `male`: `female=0`, `male=1`.
 */
import { basename, dirname, resolve } from 'node:path';
import type { AgeLabel } from '../../age/index.js';
import { maskAddress } from '../../errors/index.js';
import { isAddress, NOT_DOWNLOADED, notAFileAt } from '../../files/index.js';
import type { Box } from '../../vision/index.js';
import { withoutApostrophe } from '../plain-text.js';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import {
  GENDER_WORDS,
  isUnknown,
  known,
  openRange,
  parseAge,
  parseMeasure,
  parseNumber,
} from './shared/labels.js';
import { badName, noAge, quoted } from './shared/rejection.js';
import { findColumn, readHeader, readRows, shownHeader } from './shared/table.js';

/** The kinds of columns: the option for each, and its default name. */
const COLUMNS = {
  path: 'path',
  age: 'age',
  ageMin: 'age_min',
  ageMax: 'age_max',
  ageStd: 'age_std',
  gender: 'gender',
  race: 'race',
  identity: 'identity',
  faceX: 'face_x',
  faceY: 'face_y',
  faceWidth: 'face_width',
  faceHeight: 'face_height',
  split: 'split',
} as const;

type Field = keyof typeof COLUMNS;

type Cells = Partial<Record<Field, string>>;

/** The chosen columns, and how the file is read; see the data set's options. */
type Chosen = Readonly<Record<Field | 'images' | 'delimiter' | 'female' | 'male', string | undefined>>;

const FIELDS = Object.keys(COLUMNS) as Field[];

/** One of them must be there. */
const AGES: readonly Field[] = ['age', 'ageMin', 'ageMax'];

export async function* read(source: string, chosen: Chosen): AsyncIterable<Reading> {
  const delimiter = chosen.delimiter === undefined ? undefined : readDelimiter(chosen.delimiter);
  const genders = genderWords(chosen.female, chosen.male);
  const found = await notAFileAt(source);
  if (found !== undefined) throw new DataError(`${source}: expected a CSV file, found ${found}`);
  const header = await readHeader(source, delimiter);
  const places = placesOf(source, header, chosen);
  const images = resolve(chosen.images ?? dirname(source));
  yield* checked(
    source,
    readPictures(source, { columns: header.length, places, delimiter, genders, images }),
  );
}

interface Layout {
  readonly columns: number;
  /** The column of each field, from 0. */
  readonly places: ReadonlyMap<Field, number>;
  readonly delimiter: string | undefined;
  readonly genders: ReadonlyMap<string, Gender>;
  readonly images: string;
}

function readPictures(
  source: string,
  { columns, places, delimiter, genders, images }: Layout,
): AsyncIterable<Reading> {
  const names = Array.from({ length: columns }, (_, i) => String(i));
  const format = { columns: names, delimiter, header: 'passed over' } as const;
  return readRows(dirname(source), basename(source), format, (row, at) => {
    const cells: Cells = Object.fromEntries(
      [...places].map(([field, place]) => [field, withoutApostrophe(row[place]!)]),
    );
    const path = (cells.path ?? '').replaceAll('\\', '/').replace(/^(\.\/+)+/, '');
    if (path === '') return badName(at, 'expected the path of a picture, found nothing');
    if (isAddress(path)) {
      const detail = `expected a picture on this machine, found ${NOT_DOWNLOADED}`;
      return { path: maskAddress(path), reason: 'missing image', detail };
    }
    const age = readAge(cells);
    if (age === undefined) return noAge(path, 'expected an age, found nothing');
    if (typeof age === 'string') return badName(path, age);
    const gender = readGender(cells.gender ?? '', genders);
    if (gender instanceof Error) return badName(path, gender.message);
    const faceBox = readBox(cells);
    if (typeof faceBox === 'string') return badName(path, faceBox);
    const [race, identity, split] = [cells.race, cells.identity, cells.split].map(
      (cell) => cell || undefined,
    );
    const labels = known({ gender, race, identity, faceBox, split });
    return { path, image: { file: resolve(images, path) }, age, ...labels };
  });
}

/** The label, a sentence on what is wrong with it, or undefined if there is none. */
function readAge({
  age: text = '',
  ageMin = '',
  ageMax = '',
  ageStd = '',
}: Cells): AgeLabel | string | undefined {
  if (isUnknown(text)) {
    if (isUnknown(ageMin) && isUnknown(ageMax)) return undefined;
    const from = parseNumber(ageMin);
    const to = parseNumber(ageMax);
    if (from !== undefined && to !== undefined) return { from, to };
    if (from !== undefined && isUnknown(ageMax)) return openRange(from);
    if (to !== undefined && isUnknown(ageMin)) return { from: 0, to };
    return `expected a first age, a last one or both, found ${quoted(ageMin)} and ${quoted(ageMax)}`;
  }
  const age = parseAge(text);
  if (age === undefined) return `expected an age or a range of ages, found ${quoted(text)}`;
  if (isUnknown(ageStd) || 'from' in age) return age;
  const std = parseNumber(ageStd);
  if (std !== undefined && std >= 0) return { ...age, std };
  return `the spread must be 0 years or more, found ${quoted(ageStd)}`;
}

/** The box, a sentence on what is wrong with it, or undefined if there is none. */
function readBox({
  faceX = '',
  faceY = '',
  faceWidth = '',
  faceHeight = '',
}: Cells): Box | string | undefined {
  const cells = [faceX, faceY, faceWidth, faceHeight];
  if (cells.every(isUnknown)) return undefined;
  const [x, y, width, height] = cells.map(parseMeasure);
  if (
    x !== undefined &&
    y !== undefined &&
    width !== undefined &&
    width > 0 &&
    height !== undefined &&
    height > 0
  )
    return { x, y, width, height };
  return `expected the face's x, y, width and height in pixels, found ${cells.map(quoted).join(', ')}`;
}

function readGender(text: string, genders: ReadonlyMap<string, Gender>): Gender | Error | undefined {
  const gender = genders.get(text.toLowerCase());
  if (gender !== undefined || isUnknown(text)) return gender;
  const words = [...genders.keys()].join(', ');
  return new Error(
    `the gender must be one of ${words} (female= and male= give other words), found '${text}'`,
  );
}

function genderWords(female: string | undefined, male: string | undefined): ReadonlyMap<string, Gender> {
  const genderCodes = new Map<string, Gender>();
  for (const [words, gender] of [
    [female, 'female'],
    [male, 'male'],
  ] as const)
    for (const word of words?.toLowerCase().split(',') ?? []) {
      if (genderCodes.has(word)) throw new DataError(`csv: '${word}' must be female or male, found both`);
      genderCodes.set(word, gender);
    }
  return new Map([...Object.entries(GENDER_WORDS), ...genderCodes]);
}

function readDelimiter(text: string): string {
  const delimiter = text === 'tab' ? '\t' : text;
  if (/^[^"\r\n]$/.test(delimiter)) return delimiter;
  throw new DataError(`csv: the delimiter must be one character or tab, found ${quoted(text)}`);
}

/** @throws DataError if a column that an option names is not there, or no column of paths or of ages is. */
function placesOf(
  file: string,
  header: readonly string[],
  chosen: Readonly<Record<Field, string | undefined>>,
): ReadonlyMap<Field, number> {
  const found =
    header.length === 1
      ? `${shownHeader(header)}; delimiter= sets what separates columns`
      : shownHeader(header) || 'none';
  const places = new Map<Field, number>();
  for (const field of FIELDS) {
    const column = chosen[field] ?? COLUMNS[field];
    const place = chosen[field] === undefined ? undefined : onlyPlace(header, column);
    const either = place ?? findColumn(file, header, column);
    if (either !== undefined) places.set(field, either);
    else if (chosen[field] !== undefined || field === 'path')
      throw new DataError(`${file}: expected a column ${column} (${field}=), found ${found}`);
  }
  if (!AGES.some((field) => places.has(field)))
    throw new DataError(
      `${file}: expected a column age, age_min or age_max (age=, ageMin=, ageMax=), found ${found}`,
    );
  return places;
}

/** The place of a column that is spelled exactly so, and alone; an option can name one of two that differ in capitals. */
function onlyPlace(header: readonly string[], column: string): number | undefined {
  const place = header.indexOf(column);
  return place >= 0 && place === header.lastIndexOf(column) ? place : undefined;
}
