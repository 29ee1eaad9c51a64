import { dataset } from './dataset.js';

export const ageGenderMat = dataset({
  id: 'age-gender-mat',
  title: 'MATLAB store of age-gender-estimation',
  homepage: 'https://github.com/yu4u/age-gender-estimation',
  citation: 'The data set that the store was made from.',
  terms: 'Those of the data set that the store was made from.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/age-gender-mat.js'),
});
