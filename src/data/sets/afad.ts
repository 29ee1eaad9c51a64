import { dataset } from './dataset.js';

export const afad = dataset({
  id: 'afad',
  title: 'AFAD',
  homepage: 'https://afad-dataset.github.io/',
  citation:
    'Z. Niu, M. Zhou, L. Wang, X. Gao, G. Hua: Ordinal Regression with Multiple Output CNN for Age Estimation. CVPR 2016.',
  terms: 'For academic research purposes only. The rights to the pictures belong to their original owners.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/afad.js'),
});
