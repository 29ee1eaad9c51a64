/**
 * IMDB-WIKI: 460,723 pictures of people on IMDb and 62,328 of people on Wikipedia, each half with its labels in a
 * MATLAB struct of columns. The archives of crops have the file and the folders 00 to 99 in `imdb_crop` or
 * `wiki_crop`; those of whole pictures in `imdb` or `wiki`.
 *
 * https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/, "Data format":
 * - dob: date of birth (Matlab serial date number); photo_taken: year when the photo was taken
 * - full_path: path to file; gender: 0 for female and 1 for male, NaN if unknown; name: name of the celebrity
 * - face_location: location of the face. To crop the face in Matlab run
 *   img(face_location(2):face_location(4),face_location(1):face_location(3),:)
 * - face_score: detector score (the higher the better). Inf implies that no face was found in the image and the
 *   face_location then just returns the entire image. (The files have −Inf.)
 * - second_face_score: score of the face with the second highest score, NaN if no second face was detected
 * - celeb_names, celeb_id (IMDB only): list of all celebrity names, and the index of each row's
 *
 * The crops are of the face with 40% of its width and height added on each side.
 */
import { basename, dirname, join } from 'node:path';
import type { Box } from '../../vision/index.js';
import type { MatArray } from '../formats/mat/array.js';
import type { MatFile } from '../formats/mat/file.js';
import type { Gender, Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { known } from './shared/labels.js';
import { cellColumn, findFile, numberColumn, withMatFile } from './shared/mat.js';
import { badName, noAge, quoted } from './shared/rejection.js';

type Half = 'imdb' | 'wiki';
type AgeRule = 'mid-year' | 'year';

type Pictures = 'by folder' | 'crops' | 'whole';

export async function* readHalf(
  half: Half,
  source: string,
  { age, pictures }: { readonly age: AgeRule; readonly pictures: Pictures },
): AsyncIterable<Reading> {
  const path = findFile(source, [`${half}.mat`, `${half}_crop/${half}.mat`, `${half}/${half}.mat`]);
  const folder = dirname(path);
  const whole = pictures === 'whole' || (pictures === 'by folder' && !isCrops(folder));
  yield* checked(
    path,
    withMatFile(path, (file) => readRows(file, { half, folder, rule: age, whole })),
  );
}

const isCrops = (folder: string) => basename(folder).endsWith('_crop');

async function* readRows(
  file: MatFile,
  { half, folder, rule, whole }: { half: Half; folder: string; rule: AgeRule; whole: boolean },
): AsyncIterable<Reading> {
  const table = await file.read(half);
  const paths = table.field('full_path');
  const numbers = (name: string) => numberColumn(table, name, paths.length);
  const [born, taken, genders] = [numbers('dob'), numbers('photo_taken'), numbers('gender')];
  const [scores, secondScores] = [numbers('face_score'), numbers('second_face_score')];
  const locations = cellColumn(table, 'face_location', paths.length);
  const identityOf = identities(table, half, paths.length);
  for (let row = 0; row < paths.length; row++) {
    const path = paths.cell(row).text();
    const age = ageOf(born[row]!, taken[row]!, rule);
    const gender = genders[row]!;
    const label: Gender | undefined = gender === 0 ? 'female' : gender === 1 ? 'male' : undefined;
    const box = whole ? boxOf(locations.cell(row).numbers()) : undefined;
    const score = scores[row]!;
    if (!isInside(path)) {
      yield badName(
        path || `row ${row + 1}`,
        `expected a path like 17/10000217_1981-05-05_2009.jpg, found ${quoted(path)}`,
      );
    } else if (Number.isNaN(age)) {
      yield noAge(path, `expected a date of birth and a year, found ${born[row]} and ${taken[row]}`);
    } else if (gender !== 0 && gender !== 1 && !Number.isNaN(gender)) {
      yield badName(path, `the gender must be 0, 1 or NaN, found ${gender}`);
    } else if (box === null) {
      yield badName(path, 'expected four corners of a face, found something else');
    } else {
      yield {
        path,
        image: { file: join(folder, path) },
        age: { age },
        ...known({
          gender: label,
          identity: identityOf(row),
          // Without a face the location is the whole picture.
          faceBox: score === Number.NEGATIVE_INFINITY ? undefined : box,
          faceScore: Number.isNaN(score) ? undefined : score,
          secondFaceScore: Number.isNaN(secondScores[row]!) ? undefined : secondScores[row]!,
        }),
      };
    }
  }
}

/**
 * A row's person. On IMDb names recur, and the number before the name tells them apart; on Wikipedia people have no
 * numbers, so that namesakes count as one person, which at worst keeps them on the same side of a split.
 */
function identities(table: MatArray, half: Half, length: number): (row: number) => string | undefined {
  if (half === 'wiki') {
    const names = cellColumn(table, 'name', length);
    return (row) => names.cell(row).text() || undefined;
  }
  const ids = numberColumn(table, 'celeb_id', length);
  const list = table.field('celeb_names');
  const names = Array.from({ length: list.length }, (_, i) => `${i + 1} ${list.cell(i).text()}`);
  return (row) => names[ids[row]! - 1];
}

/** The serial date number of 1 January 1970: day 1 is 1 January of the year 0. */
const EPOCH = 719_529;
const DAY = 86_400_000;
const JULY = 6;

/**
 * Age in whole years at the time of the picture, NaN if a date is none.
 * @param born Matlab serial date number @param taken year
 */
function ageOf(born: number, taken: number, rule: AgeRule): number {
  const birth = new Date((Math.floor(born) - EPOCH) * DAY);
  const years = taken - birth.getUTCFullYear();
  return rule === 'mid-year' && birth.getUTCMonth() >= JULY ? years - 1 : years;
}

/** The pixels from x1, y1 to x2, y2, both included and counted from 1; null if there are not four corners. */
function boxOf(corners: Float64Array): Box | null {
  const [x1, y1, x2, y2] = corners as unknown as [number, number, number, number];
  if (corners.length !== 4 || !(x2 > x1 && y2 > y1)) return null;
  return { x: x1 - 1, y: y1 - 1, width: x2 - x1 + 1, height: y2 - y1 + 1 };
}

/** A path that leads nowhere but below its folder. */
const isInside = (path: string) => path !== '' && !/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(path);
