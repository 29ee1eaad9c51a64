import { dataset } from './dataset.js';

export const csv = dataset({
  id: 'csv',
  title: 'CSV file',
  homepage: '',
  citation: '',
  terms: '',
  labels: 'as the columns say',
  options: {
    path: { meaning: "the column of the picture's path; without it: path" },
    age: { meaning: 'the column of the age, or of a range such as 20-29; without it: age' },
    ageMin: { meaning: "the column of a range's first age; without it: age_min" },
    ageMax: {
      meaning: "the column of a range's last age, empty for all from the first on; without it: age_max",
    },
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
    delimiter: {
      meaning: 'one character, or tab; without it the comma, semicolon or tab that parts the header most',
    },
    female: { meaning: 'what stands for female, such as 0; several are separated by commas' },
    male: { meaning: 'what stands for male, such as 1; several are separated by commas' },
  },
  load: () => import('../readers/csv.js'),
});
