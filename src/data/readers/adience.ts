/**
 * Adience: `fold_0_data.txt` to `fold_4_data.txt`, tables with tabs and the columns user_id, original_image, face_id,
 * age, gender, x, y, dx, dy, tilt_ang, fiducial_yaw_angle and fiducial_score. The picture of a row is
 * `faces/USER/coarse_tilt_aligned_face.FACE.IMAGE` or `aligned/USER/landmark_aligned_face.FACE.IMAGE`.
 *
 * Ages are eight groups, `(25, 32)`; some rows have another range, `(38, 42)`, or one age, `35`, which are taken as
 * they stand, and some have `None`. Gender is f, m, u (unknown) or nothing. `face_id` tells a user's people apart.
 * The box x, y, dx, dy lies in the picture on Flickr, which is not part of the set: it says nothing of the crops.
 *
 * E. Eidinger, R. Enbar, T. Hassner: Age and Gender Estimation of Unfiltered Faces. TIFS 2014;
 * https://talhassner.github.io/home/projects/Adience/Adience-data.html
 */
import { join, posix } from 'node:path';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow, foldersBelow } from './shared/files.js';
import { isUnknown, known, parseAge } from './shared/labels.js';
import { badName, noAge, quoted } from './shared/rejection.js';
import { readRows } from './shared/table.js';

const COLUMNS = ['user_id', 'original_image', 'face_id', 'age', 'gender'] as const;

const GENDERS = new Map<string, Gender | undefined>([
  ['f', 'female'],
  ['m', 'male'],
  ['u', undefined],
  ['', undefined],
]);

/** The prefix of picture names in each folder. */
const PREFIXES = { aligned: 'landmark_aligned_face', faces: 'coarse_tilt_aligned_face' } as const;

/** The maximum depth below the source of the folds and the picture folder. */
const DEPTH = 3;

export async function* read(
  source: string,
  { pictures }: { readonly pictures: 'aligned' | 'faces' },
): AsyncIterable<Reading> {
  await expectFolder(source, 'Adience');
  const folds = (await filesBelow(source, DEPTH)).filter((file) => /(^|\/)fold_[0-4]_data\.txt$/.test(file));
  if (folds.length === 0)
    throw new DataError(`${source}: expected the label files fold_0_data.txt to fold_4_data.txt, found none`);
  // The innermost: an archive unpacked into a folder of its own name makes aligned/aligned/.
  const folder = (await foldersBelow(source, DEPTH)).findLast((path) => posix.basename(path) === pictures);
  if (folder === undefined)
    throw new DataError(`${source}: expected a folder of pictures named ${pictures}, found none`);
  yield* checked(source, readFolds(source, folds, `${folder}/`, PREFIXES[pictures]));
}

async function* readFolds(
  source: string,
  folds: readonly string[],
  folder: string,
  prefix: string,
): AsyncIterable<Reading> {
  for (const file of folds) {
    const split = `fold${/fold_(\d)/.exec(file)![1]}`;
    yield* readRows(
      source,
      file,
      { columns: COLUMNS },
      ({ user_id, original_image, face_id, ...cells }, at) => {
        if (user_id === '' || original_image === '' || face_id === '')
          return badName(at, 'expected a user, an image and a face, found an empty cell');
        const path = `${folder}${user_id}/${prefix}.${face_id}.${original_image}`;
        if (isUnknown(cells.age)) return noAge(path, `expected an age, found ${quoted(cells.age)}`);
        const age = parseAge(cells.age);
        if (age === undefined)
          return badName(path, `expected an age or a range of ages, found ${quoted(cells.age)}`);
        if (!GENDERS.has(cells.gender))
          return badName(path, `the gender must be f, m or u, found ${quoted(cells.gender)}`);
        const gender = GENDERS.get(cells.gender);
        const identity = `${user_id}/${face_id}`;
        return { path, image: { file: join(source, path) }, age, ...known({ gender }), identity, split };
      },
    );
  }
}
