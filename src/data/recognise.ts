/** Which data set a folder or a file is, by its layout. */
import { opendir, stat } from 'node:fs/promises';
import { basename, extname, join, posix } from 'node:path';
import { isPicture } from './readers/shared/files.js';

/** How much of a folder is looked at: entries of each, and how deep. */
const MOST_ENTRIES = 400;
const DEPTH = 3;
/** Folders of each that are gone into: of many alike, the first say enough. */
const MOST_FOLDERS = 4;
/** Of the pictures looked at, the share whose names must be those of the set: some copies have a few odd files. */
const MOST = 0.8;

interface Listing {
  /** Paths relative to the folder, of files and of folders, which end in a slash. */
  readonly paths: readonly string[];
}

const has =
  (form: RegExp) =>
  ({ paths }: Listing): boolean =>
    paths.some((path) => form.test(path));

/** Whether the pictures are named so. */
const named =
  (form: RegExp) =>
  ({ paths }: Listing): boolean => {
    const pictures = paths.filter(isPicture);
    return pictures.length > 0 && pictures.filter((path) => form.test(path)).length >= MOST * pictures.length;
  };

/** By id, those with label files before those told by the names of pictures. ChaLearn's are told by their rows. */
const SIGNS: readonly (readonly [id: string, is: (found: Listing) => boolean])[] = [
  ['fairface', has(/^fairface_label_(train|val)\.csv$/)],
  ['appa-real', has(/^gt_avg_(train|valid|test)\.csv$/)],
  ['adience', has(/(^|\/)fold_[0-4]_data\.txt$/)],
  ['all-age-faces', has(/^image sets\/(train|val)\.txt$/)],
  ['imdb', has(/(^|^imdb(_crop)?\/)imdb\.mat$/)],
  ['wiki', has(/(^|^wiki(_crop)?\/)wiki\.mat$/)],
  ['cacd', has(/(^|\/)celebrity2000_meta\.mat$/)],
  ['utkface', named(/(^|\/)\d{1,3}_[01]_[0-4]_\d+(\.[a-z][a-z\d]*)+$/i)],
  ['afad', named(/(^|\/)\d{1,3}\/11[12]\/[^/]+$/)],
  ['morph2', named(/(^|\/)\d+_\d+[MF]\d{1,3}\.[a-z]+$/i)],
  ['fg-net', named(/(^|\/)\d{3}A\d{2}[a-z]?\.[a-z]+$/i)],
  ['agedb', named(/(^|\/)\d+_[^/]+_\d{1,3}_[mf]\.[a-z]+$/i)],
  ['cacd', named(/(^|\/)\d+_[^/]+_\d{4}\.jpg$/i)],
];

const FILES: Readonly<Record<string, string>> = {
  '.csv': 'csv',
  '.mat': 'age-gender-mat',
  '.h5': 'al-resnet-hdf5',
  '.hdf5': 'al-resnet-hdf5',
};
const MAT_FILES: Readonly<Record<string, string>> = {
  'imdb.mat': 'imdb',
  'wiki.mat': 'wiki',
  'celebrity2000_meta.mat': 'cacd',
};

/**
 * The id of the data set that lies at a path, in its authors' layout: a published one, folders named by age, or a CSV
 * file. Undefined for a file of another kind.
 */
export async function recogniseSet(source: string): Promise<string | undefined> {
  if (!(await stat(source)).isDirectory()) {
    return MAT_FILES[basename(source)] ?? FILES[extname(source).toLowerCase()];
  }
  const listing = { paths: await list(source, '', DEPTH) };
  const known = SIGNS.find(([, is]) => is(listing))?.[0];
  if (known !== undefined) return known;
  const { chalearnYear } = await import('./readers/chalearn-lap.js');
  const year = await chalearnYear(source);
  return year === undefined ? 'folders' : `chalearn-lap-${year}`;
}

async function list(source: string, inside: string, depth: number): Promise<string[]> {
  const paths: string[] = [];
  const folders: string[] = [];
  for await (const entry of await opendir(join(source, inside))) {
    if (entry.name.startsWith('.')) continue;
    const path = posix.join(inside, entry.name);
    if (entry.isDirectory()) folders.push(path);
    else paths.push(path);
    if (paths.length + folders.length === MOST_ENTRIES) break;
  }
  if (depth === 0) return paths;
  for (const folder of folders.sort().slice(0, MOST_FOLDERS)) {
    paths.push(...(await list(source, folder, depth - 1)));
  }
  return paths;
}
