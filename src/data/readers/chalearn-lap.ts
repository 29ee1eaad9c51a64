/**
 * The two ChaLearn LAP challenges on apparent age have one layout: for each part a file of three columns without
 * quotes (picture, mean of the votes, their standard deviation), and a folder with its pictures. Copies differ in the
 * delimiter, in whether there is a header, and in the names: `Train.csv` and `Train/`, `train_gt.csv` and `train/`,
 * `Validation/Reference.csv`. So a file is of the part that its name speaks of, or else its folder's.
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DataError, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow, foldersBelow } from './shared/files.js';
import { parseNumber } from './shared/labels.js';
import { badName, quoted } from './shared/rejection.js';
import { firstRows, readHeader, readRows } from './shared/table.js';

const PARTS = [
  { split: 'train', word: /train/i },
  { split: 'validation', word: /val/i },
  { split: 'test', word: /test/i },
] as const;

type Part = (typeof PARTS)[number];

/** How deep below the source label files and folders of pictures are looked for. */
const DEPTH = 2;

/** @throws DataError if no label file is found, or no picture. */
export async function* readChalearnLap(source: string, title: string): AsyncIterable<Reading> {
  await expectFolder(source, title);
  const labelled = await labelFiles(source);
  if (labelled.length === 0)
    throw new DataError(
      `${source}: expected label files of ${title}, named like Train.csv or train_gt.csv; found none`,
    );
  yield* checked(source, readFiles(source, labelled));
}

/**
 * The challenge whose layout a folder has; undefined if it has neither's. The rows of both are alike; the pictures of 2015
 * are named `image_1.jpg`, those of 2016 by numbers.
 */
export async function chalearnYear(source: string): Promise<2015 | 2016 | undefined> {
  for (const { file } of await labelFiles(source)) {
    const rows = await firstRows(join(source, file), LOOKED_AT);
    const labels = rows.slice(hasNumber(rows[0] ?? []) ? 0 : 1);
    // Whole numbers alone may be an age and the code of a gender.
    if (
      labels.length === 0 ||
      !labels.every(isLabel) ||
      !labels.some(([, , spread]) => spread!.includes('.'))
    ) {
      continue;
    }
    return labels.every(([image]) => /^image_/i.test(posix.basename(image!))) ? 2015 : 2016;
  }
  return undefined;
}

/** The number of rows that tell what a file is. */
const LOOKED_AT = 20;

const isLabel = (cells: readonly string[]): boolean =>
  cells.length === 3 &&
  /\.[a-z]+$/i.test(cells[0]!) &&
  cells.slice(1).every((cell) => parseNumber(cell) !== undefined);

async function labelFiles(source: string): Promise<{ readonly file: string; readonly part: Part }[]> {
  const files = (await filesBelow(source, DEPTH)).filter((file) => /\.csv$/i.test(file));
  return PARTS.flatMap((part) =>
    files.filter((file) => partOf(file) === part).map((file) => ({ file, part })),
  );
}

/** The part that a path speaks of, its last names first; none for a name of two parts, as a list of both has. */
function partOf(path: string): Part | undefined {
  for (const name of path.split('/').reverse()) {
    const parts = PARTS.filter(({ word }) => word.test(name));
    if (parts.length > 0) return parts.length === 1 ? parts[0] : undefined;
  }
  return undefined;
}

async function* readFiles(
  source: string,
  files: readonly { file: string; part: Part }[],
): AsyncIterable<Reading> {
  const folders = await foldersBelow(source, DEPTH);
  for (const { file, part } of files) {
    const places = [...folders.filter((folder) => partOf(folder) === part), posix.dirname(file)];
    yield* readLabels(source, file, places, part.split);
  }
}

async function* readLabels(
  source: string,
  labels: string,
  places: readonly string[],
  split: string,
): AsyncIterable<Reading> {
  const header = (await hasNumbers(join(source, labels))) ? 'none' : 'passed over';
  const columns = ['image', 'mean', 'std'] as const;
  yield* readRows(source, labels, { columns, header }, ({ image, mean, std }, at) => {
    if (image === '') return badName(at, 'expected the name of a picture, found nothing');
    const paths = places.map((place) => posix.join(place, image));
    const path = paths.find((candidate) => existsSync(join(source, candidate))) ?? paths[0]!;
    const age = parseNumber(mean);
    const spread = parseNumber(std);
    if (age === undefined) return badName(path, `the mean age must be a number, found ${quoted(mean)}`);
    if (spread === undefined || spread < 0)
      return badName(path, `the spread must be 0 years or more, found ${quoted(std)}`);
    return { path, image: { file: join(source, path) }, age: { age, std: spread }, split };
  });
}

/** Whether the first row has numbers, which a header has not. */
async function hasNumbers(file: string): Promise<boolean> {
  return hasNumber(await readHeader(file));
}

const hasNumber = (cells: readonly string[]): boolean =>
  cells.some((cell) => parseNumber(cell) !== undefined);
