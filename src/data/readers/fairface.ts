/**
 * FairFace: `fairface_label_train.csv` and `fairface_label_val.csv` with the columns file, age, gender, race and
 * service_test; `file` is `train/1.jpg` or `val/1.jpg`, in the folder of the labels or in a folder of it (the pictures
 * come with a margin of 0.25 or 1.25, each in an archive of its own). Ages are nine groups.
 *
 * K. Kärkkäinen, J. Joo: FairFace: Face Attribute Dataset for Balanced Race, Gender, and Age for Bias Measurement and
 * Mitigation. WACV 2021; https://github.com/joojs/fairface
 */
import { join } from 'node:path';
import type { AgeLabel } from '../../age/index.js';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow, foldersBelow } from './shared/files.js';
import { openRange } from './shared/labels.js';
import { badName, quoted } from './shared/rejection.js';
import { readRows } from './shared/table.js';

/** The label files, with the set's and our name of the part. */
const PARTS = [
  { file: 'fairface_label_train.csv', folder: 'train', split: 'train' },
  { file: 'fairface_label_val.csv', folder: 'val', split: 'validation' },
] as const;

type Part = (typeof PARTS)[number];

const AGES = new Map<string, AgeLabel>([
  ['0-2', { from: 0, to: 2 }],
  ['3-9', { from: 3, to: 9 }],
  ['10-19', { from: 10, to: 19 }],
  ['20-29', { from: 20, to: 29 }],
  ['30-39', { from: 30, to: 39 }],
  ['40-49', { from: 40, to: 49 }],
  ['50-59', { from: 50, to: 59 }],
  ['60-69', { from: 60, to: 69 }],
  ['more than 70', openRange(70)],
  ['70+', openRange(70)],
]);

/**
 * A group as the set has it, or as a spreadsheet writes it that takes 3-9 for a date: `03-Sep`, `9-Mar`, `Oct-19`,
 * `19-October`, `3/9/2024`, `2024-09-03`, whichever number it takes for the month; or for a month of a year, `Oct 2019`,
 * also with its first day: `2019-10-01`, `1-Sep-03`; or as the number of such a day, `45172`; or as pandas writes these,
 * `2024-09-03 00:00:00`, `45172.0`.
 */
function ageGroup(label: string): AgeLabel | undefined {
  const known = AGES.get(label.replace(/\s*[–—]\s*/, '-').replace(/\b0(?=\d)/g, ''));
  if (known) return known;
  const text = /^\d{5}(\.0)?$/.test(label) ? dayNumbered(Number(label)) : label.replace(MIDNIGHT, '');
  const parts = text.split(/[-–—/., ]+/).filter((part) => part !== '');
  const isLong = (part: string) => /^\d{4}$/.test(part);
  const [first, second, short, ...rest] = parts.filter((part) => !isLong(part));
  const long = parts.find(isLong)?.slice(2);
  if (first === undefined || rest.length > 0) return undefined;
  if (second === undefined) return isNumber(first) ? undefined : groupOf(first, long);
  if (short !== undefined && !/^\d{2}$/.test(short)) return undefined;
  const year = long ?? short;
  return (
    groupOf(first, second) ??
    (isFirst(first) ? groupOf(second, year) : undefined) ??
    (isFirst(second) ? groupOf(first, year) : undefined)
  );
}

const MIDNIGHT = /[T ]00:00(:00(\.0+)?)?Z?$/;

const isFirst = (day: string): boolean => /^0?1$/.test(day);

function groupOf(a: string, b: string | undefined): AgeLabel | undefined {
  if (b === undefined) return undefined;
  const [from, to] = [dayOrMonth(a), dayOrMonth(b)].sort((x, y) => x - y);
  return from! > 0 ? AGES.get(`${from}-${to}`) : undefined;
}

/** The months that a group can be taken for, as English, German, French, Spanish, Italian, Dutch and Portuguese begin them. */
const MONTHS = new Map([
  ...['mar', 'mär', 'mrz', 'maa', 'mrt'].map((name) => [name, 3] as const),
  ...['sep', 'set'].map((name) => [name, 9] as const),
  ...['oct', 'okt', 'ott', 'out'].map((name) => [name, 10] as const),
]);

const isNumber = (part: string): boolean => /^\d{1,2}$/.test(part);

/** 0 if it is neither. */
const dayOrMonth = (part: string): number =>
  isNumber(part) ? Number(part) : (MONTHS.get(part.normalize().slice(0, 3).toLowerCase()) ?? 0);

/** The date of a spreadsheet's day number. */
const dayNumbered = (number: number): string =>
  new Date(Date.UTC(1899, 11, 30 + number)).toISOString().slice(0, 10);

const GENDERS = new Map<string, Gender>([
  ['Female', 'female'],
  ['Male', 'male'],
]);

export async function* read(source: string): AsyncIterable<Reading> {
  await expectFolder(source, 'FairFace');
  const files = await filesBelow(source, 0);
  const parts = PARTS.filter(({ file }) => files.includes(file));
  if (parts.length === 0) {
    const expected = PARTS.map(({ file }) => file).join(' or ');
    throw new DataError(`${source}: expected the label file ${expected}, found neither`);
  }
  yield* checked(source, readParts(source, parts));
}

async function* readParts(source: string, parts: readonly Part[]): AsyncIterable<Reading> {
  const folders = await foldersBelow(source, 2);
  for (const part of parts) {
    const found =
      folders.find((name) => name === part.folder || name.endsWith(`/${part.folder}`)) ?? part.folder;
    const above = found.slice(0, -part.folder.length);
    yield* readRows(source, part.file, { columns: ['file', 'age', 'gender', 'race'] }, (cells, at) => {
      const path = above + cells.file;
      const age = ageGroup(cells.age);
      const gender = GENDERS.get(cells.gender);
      if (!cells.file.startsWith(`${part.folder}/`))
        return badName(at, `expected a file of ${part.folder}/, found ${quoted(cells.file)}`);
      if (age === undefined)
        return badName(path, `expected an age group of FairFace, found ${quoted(cells.age)}`);
      if (gender === undefined)
        return badName(path, `the gender must be Female or Male, found ${quoted(cells.gender)}`);
      return { path, image: { file: join(source, path) }, age, gender, race: cells.race, split: part.split };
    });
  }
}
