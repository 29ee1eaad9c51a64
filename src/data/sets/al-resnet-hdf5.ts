import { dataset } from './dataset.js';

export const alResnetHdf5 = dataset({
  id: 'al-resnet-hdf5',
  title: 'HDF5 store of AL-ResNet (UTKFace)',
  homepage: 'https://susanqq.github.io/UTKFace/',
  citation:
    'Z. Zhang, Y. Song, H. Qi: Age Progression/Regression by Conditional Adversarial Autoencoder. CVPR 2017.',
  terms:
    'For non-commercial research purposes only. The rights to the pictures belong to their original owners.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/al-resnet-hdf5.js'),
});
