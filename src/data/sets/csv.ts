import { dataset } from './dataset.js';

export const csv = dataset({
  id: 'csv',
  title: 'CSV file',
  homepage: '',
  citation: '',
  terms: '',
  labels: 'as the columns say',
  options: {
    path: { meaning: "the column of the picture's path, default path" },
    age: { meaning: 'the column of the age, or of a range such as 20-29, default age' },
    ageMin: { meaning: "the column of a range's first age, empty for 0, default age_min" },
    ageMax: {
      meaning: "the column of a range's last age, empty for an open range, default age_max",
    },
    ageStd: { meaning: 'the column of the spread of guesses, in years, default age_std' },
    gender: { meaning: 'the column of the gender, default gender' },
    race: { meaning: 'the column of the race, default race' },
    identity: { meaning: 'the column of the person, default identity' },
    faceX: { meaning: "the column of the face's left edge, in pixels, default face_x" },
    faceY: { meaning: "the column of the face's upper edge, default face_y" },
    faceWidth: { meaning: "the column of the face's width, default face_width" },
    faceHeight: { meaning: "the column of the face's height, default face_height" },
    split: { meaning: 'the column of the part, such as train, default split' },
    images: { meaning: 'the folder that paths are relative to, default that of the file' },
    delimiter: {
      meaning:
        'one character, or tab; by default the comma, semicolon or tab that splits the header most often',
    },
    female: { meaning: 'the values that mean female, such as 0, separated by commas' },
    male: { meaning: 'the values that mean male, such as 1, separated by commas' },
  },
  load: () => import('../readers/csv.js'),
});
