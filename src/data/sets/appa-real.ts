import { dataset } from './dataset.js';

export const appaReal = dataset({
  id: 'appa-real',
  title: 'APPA-REAL',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/26/description/',
  citation:
    'E. Agustsson, R. Timofte, S. Escalera, X. Baró, I. Guyon, R. Rothe: Apparent and Real Age Estimation in Still Images with Deep Residual Regressors on APPA-REAL Database. FG 2017.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  options: {
    age: {
      values: ['apparent', 'real'],
      meaning: 'the mean and the spread of the votes, or the age that the person was',
    },
    pictures: { values: ['face', 'whole'], meaning: "the authors' crops of the faces, or whole pictures" },
  },
  load: () => import('../readers/appa-real.js'),
});
