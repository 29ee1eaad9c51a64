import { dataset } from './dataset.js';

export const utkface = dataset({
  id: 'utkface',
  title: 'UTKFace',
  homepage: 'https://susanqq.github.io/UTKFace/',
  citation:
    'Z. Zhang, Y. Song, H. Qi: Age Progression/Regression by Conditional Adversarial Autoencoder. CVPR 2017.',
  terms:
    'For non-commercial research purposes only. The rights to the pictures belong to their original owners.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/utkface.js'),
});
