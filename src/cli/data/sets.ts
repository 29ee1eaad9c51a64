/**
 * The data sets' names, titles and options, for help. Copies of what data/ says, which a test compares: to import that
 * room would take longer than all that help needs.
 */
import type { DatasetReader } from '../../data/index.js';

export const SETS: readonly (readonly [id: string, title: string])[] = [
  ['adience', 'Adience'],
  ['afad', 'AFAD'],
  ['age-gender-mat', 'MATLAB store of age-gender-estimation'],
  ['agedb', 'AgeDB'],
  ['al-resnet-hdf5', 'HDF5 store of AL-ResNet (UTKFace)'],
  ['all-age-faces', 'All-Age-Faces'],
  ['appa-real', 'APPA-REAL'],
  ['cacd', 'CACD (Cross-Age Celebrity Dataset)'],
  ['chalearn-lap-2015', 'ChaLearn LAP 2015'],
  ['chalearn-lap-2016', 'ChaLearn LAP 2016'],
  ['csv', 'CSV file'],
  ['fairface', 'FairFace'],
  ['fg-net', 'FG-NET'],
  ['folders', 'Folders named by age'],
  ['imdb', 'IMDB-WIKI, the half from IMDb'],
  ['morph2', 'MORPH 2'],
  ['utkface', 'UTKFace'],
  ['wiki', 'IMDB-WIKI, the half from Wikipedia'],
];

/** A list for help, a set a line. */
export function setList(): string {
  const widest = Math.max(...SETS.map(([id]) => id.length));
  return SETS.map(([id, title]) => `  ${id.padEnd(widest)}  ${title}`).join('\n');
}

const IMDB_WIKI = {
  age: {
    values: ['mid-year', 'year'],
    meaning: 'who was born in July or later counts as a year younger, or years are subtracted',
  },
  pictures: {
    values: ['by folder', 'crops', 'whole'],
    meaning: 'whole pictures have face boxes; crops are in a folder whose name ends in _crop',
  },
} as const;

/** Of the sets whose readers take any. */
export const SET_OPTIONS: Readonly<Record<string, DatasetReader['options']>> = {
  adience: {
    pictures: {
      values: ['aligned', 'faces'],
      meaning: "faces are aligned by landmarks, or turned upright by the face's tilt alone",
    },
  },
  'all-age-faces': {
    pictures: {
      values: ['original', 'aligned'],
      meaning: 'whole pictures, or faces that the authors aligned',
    },
  },
  'appa-real': {
    age: {
      values: ['apparent', 'real'],
      meaning: 'the mean and the spread of the votes, or the age that the person was',
    },
    pictures: { values: ['face', 'whole'], meaning: "the authors' crops of the faces, or whole pictures" },
  },
  csv: {
    path: { meaning: "the column of the picture's path; without it: path" },
    age: { meaning: 'the column of the age, or of a range such as 20-29; without it: age' },
    ageMin: { meaning: "the column of a range's first age; without it: age_min" },
    ageMax: { meaning: "the column of a range's last age; without it: age_max" },
    ageStd: { meaning: 'the column of the spread of guesses, in years; without it: age_std' },
    gender: { meaning: 'the column of the gender; without it: gender' },
    race: { meaning: 'the column of the race; without it: race' },
    identity: { meaning: 'the column of the person; without it: identity' },
    faceX: { meaning: "the column of the face's left edge, in pixels; without it: face_x" },
    faceY: { meaning: "the column of the face's upper edge; without it: face_y" },
    faceWidth: { meaning: "the column of the face's width; without it: face_width" },
    faceHeight: { meaning: "the column of the face's height; without it: face_height" },
    split: { meaning: 'the column of the part, such as train; without it: split' },
    images: { meaning: 'the folder that paths are relative to; without it: that of the file' },
    delimiter: { meaning: 'one character, or tab; without it: a comma' },
    female: { meaning: 'what stands for female, such as 0; several are separated by commas' },
    male: { meaning: 'what stands for male, such as 1; several are separated by commas' },
  },
  imdb: IMDB_WIKI,
  morph2: {
    table: { meaning: "the CSV file's path below the source, needed where there are several" },
  },
  wiki: IMDB_WIKI,
};

/** What `--option` takes for a set; empty where its reader takes none. */
export function optionList(set: string): string {
  const lines = Object.entries(SET_OPTIONS[set] ?? {}).map(([name, { values, meaning }]) => {
    const choices = values
      ? `: ${values.map((value, i) => (i === 0 ? `${value} (default)` : value)).join(', ')}`
      : '';
    return `  ${name}${choices}\n      ${meaning}`;
  });
  return lines.join('\n');
}
