import { dataset } from './dataset.js';

export const cacd = dataset({
  id: 'cacd',
  title: 'CACD (Cross-Age Celebrity Dataset)',
  homepage: 'https://bcsiriuschen.github.io/CARC/',
  citation:
    'B.-C. Chen, C.-S. Chen, W. H. Hsu: Cross-Age Reference Coding for Age-Invariant Face Recognition and Retrieval. ECCV 2014.',
  terms: 'For research. The pictures were collected from the internet; their owners keep the rights.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/cacd.js'),
});
