import { dataset } from './dataset.js';

export const agedb = dataset({
  id: 'agedb',
  title: 'AgeDB',
  homepage: 'https://ibug.doc.ic.ac.uk/resources/agedb/',
  citation:
    'S. Moschoglou, A. Papaioannou, C. Sagonas, J. Deng, I. Kotsia, S. Zafeiriou: AgeDB: the first manually collected, in-the-wild age database. CVPRW 2017.',
  terms: 'For non-commercial research purposes only, on application to the authors.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/agedb.js'),
});
