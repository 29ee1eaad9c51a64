/**
 * MORPH 2 (MORPH Album 2, the non-commercial release of 2008): 55,134 pictures of 13,617 people, with a table of the
 * columns id_num, picture_num, dob, doa, race, gender, facial_hair, age, age_diff, glasses and photo, where `photo` is
 * a path such as `Album2/009055_1M54.JPG` below the folder of the set. That name says person, number of the picture,
 * gender and age, so that pictures without the table can be read too, though without race.
 *
 * K. Ricanek, T. Tesafaye: MORPH: A Longitudinal Image Database of Normal Adult Age-Progression. FG 2006.
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow } from './shared/files.js';
import { known, type Labels, parseNumber } from './shared/labels.js';
import { readNamed } from './shared/named.js';
import { badName, quoted } from './shared/rejection.js';
import { readHeader, readRows } from './shared/table.js';

const COLUMNS = ['id_num', 'race', 'gender', 'age', 'photo'] as const;

const GENDERS = new Map<string, Gender>([
  ['F', 'female'],
  ['M', 'male'],
]);

const RACES = new Map([
  ['A', 'Asian'],
  ['B', 'Black'],
  ['H', 'Hispanic'],
  ['O', 'Other'],
  ['W', 'White'],
]);

/** How deep below the source the table is looked for. */
const DEPTH = 1;

export async function* read(
  source: string,
  { table }: { readonly table: string | undefined },
): AsyncIterable<Reading> {
  await expectFolder(source, 'MORPH 2');
  const labels = table ?? (await findTable(source));
  if (labels === undefined) yield* readNamed(source, { title: 'MORPH 2', example: '009055_1M54.JPG', parse });
  else yield* checked(source, readLabels(source, labels));
}

async function findTable(source: string): Promise<string | undefined> {
  const tables: string[] = [];
  for (const file of await filesBelow(source, DEPTH)) {
    if (!/\.csv$/i.test(file)) continue;
    const columns = await readHeader(join(source, file));
    if (COLUMNS.every((column) => columns.includes(column))) tables.push(file);
  }
  if (tables.length > 1)
    throw new DataError(`${source}: expected one table, found ${tables.join(', ')}; say table=FILE`);
  return tables[0];
}

/** The set's folder may have been unpacked into `source`, or be it. */
function placeOf(source: string, folder: string, photo: string): string {
  const beside = posix.join(folder, photo);
  return existsSync(join(source, beside)) ? beside : posix.normalize(photo);
}

function readLabels(source: string, labels: string): AsyncIterable<Reading> {
  return readRows(source, labels, { columns: COLUMNS }, ({ id_num, photo, ...cells }, at) => {
    if (photo === '') return badName(at, 'expected the path of a picture, found nothing');
    const path = placeOf(source, posix.dirname(labels), photo.replaceAll('\\', '/'));
    const age = parseNumber(cells.age);
    const gender = GENDERS.get(cells.gender);
    if (id_num === '') return badName(path, 'expected the number of a person, found nothing');
    if (age === undefined) return badName(path, `the age must be a number, found ${quoted(cells.age)}`);
    if (gender === undefined)
      return badName(path, `the gender must be F or M, found ${quoted(cells.gender)}`);
    const race = RACES.get(cells.race) ?? (cells.race || undefined);
    const identity = withoutZeros(id_num);
    return { path, image: { file: join(source, path) }, age: { age }, gender, identity, ...known({ race }) };
  });
}

function parse(path: string): Labels | string {
  const name = posix.basename(path);
  const fields = /^(\d+)_\d+([MF])(\d{1,3})\.[a-z]+$/i.exec(name);
  if (!fields) return `expected a person, a number, M or F and an age, as in 009055_1M54.JPG; found ${name}`;
  const gender = GENDERS.get(fields[2]!.toUpperCase())!;
  return { age: { age: Number(fields[3]) }, gender, identity: withoutZeros(fields[1]!) };
}

/** Tables have 9055 where names have 009055. */
const withoutZeros = (id: string): string => id.replace(/^0+(?=.)/, '');
