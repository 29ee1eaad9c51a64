/**
 * All-Age-Faces: 13,322 pictures, named by number and age, `00002A02.jpg`. Folders `original images` and `aligned faces`
 * hold the same pictures; `image sets/train.txt` and `val.txt` name a picture and its gender in each row.
 *
 * https://github.com/JingchunCheng/All-Age-Faces-Dataset: "given a unique name (`%05dA%02d.jpg`), illustrating the
 * individual's serial number and specific age. Individuals from serial number 00000 to 07380 are all female, from
 * 07381 to 13321 are male"; rows are `"%05dA%02d %d\n", person_id, age, gender`, "0 stands for female and 1 stands for
 * male". The files themselves have `.jpg` in their rows. Each number occurs once, so it names a picture and identifies no
 * person.
 */
import { join } from 'node:path';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow } from './shared/files.js';
import { badName, quoted } from './shared/rejection.js';
import { readRows } from './shared/table.js';

const PARTS = [
  { file: 'image sets/train.txt', split: 'train' },
  { file: 'image sets/val.txt', split: 'validation' },
] as const;

const GENDERS = new Map<string, Gender>([
  ['0', 'female'],
  ['1', 'male'],
]);

const FOLDERS = { original: 'original images', aligned: 'aligned faces' } as const;

export async function* read(
  source: string,
  { pictures }: { readonly pictures: 'original' | 'aligned' },
): AsyncIterable<Reading> {
  await expectFolder(source, 'All-Age-Faces');
  await expectFolder(join(source, FOLDERS[pictures]), `All-Age-Faces' ${pictures} pictures`);
  const files = await filesBelow(source, 1);
  const parts = PARTS.filter(({ file }) => files.includes(file));
  if (parts.length === 0) {
    const expected = PARTS.map(({ file }) => file).join(' or ');
    throw new DataError(`${source}: expected the label file ${expected}, found neither`);
  }
  yield* checked(source, readParts(source, parts, FOLDERS[pictures]));
}

async function* readParts(
  source: string,
  parts: readonly (typeof PARTS)[number][],
  folder: string,
): AsyncIterable<Reading> {
  const format = { columns: ['picture', 'gender'], delimiter: ' ', header: 'none' } as const;
  for (const { file, split } of parts)
    yield* readRows(source, file, format, (cells, at) => {
      const name = /^\d{5}A(\d{2})(\.jpg)?$/i.exec(cells.picture);
      if (!name)
        return badName(at, `expected a picture named like 00002A02.jpg, found ${quoted(cells.picture)}`);
      const [, years, extension] = name;
      const path = `${folder}/${cells.picture}${extension ? '' : '.jpg'}`;
      const gender = GENDERS.get(cells.gender);
      if (gender === undefined)
        return badName(path, `the gender must be 0 or 1, found ${quoted(cells.gender)}`);
      const age = { age: Number(years) };
      return { path, image: { file: join(source, path) }, age, gender, split };
    });
}
