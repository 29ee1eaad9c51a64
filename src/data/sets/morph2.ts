import { dataset } from './dataset.js';

export const morph2 = dataset({
  id: 'morph2',
  title: 'MORPH 2',
  homepage: 'https://uncw.edu/oic/tech/morph.html',
  citation:
    'K. Ricanek, T. Tesafaye: MORPH: A Longitudinal Image Database of Normal Adult Age-Progression. FG 2006.',
  terms: 'Under the licence that the University of North Carolina Wilmington grants to each applicant.',
  labels: 'exact age',
  options: {
    table: { meaning: "the CSV file's path below the source, needed where there are several" },
  },
  load: () => import('../readers/morph2.js'),
});
