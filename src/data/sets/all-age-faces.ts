import { dataset } from './dataset.js';

export const allAgeFaces = dataset({
  id: 'all-age-faces',
  title: 'All-Age-Faces',
  homepage: 'https://github.com/JingchunCheng/All-Age-Faces-Dataset',
  citation:
    'J. Cheng, Y. Li, J. Wang, L. Yu, S. Wang: Exploiting Effective Facial Patches for Robust Gender Recognition. Tsinghua Science and Technology 24(3), 2019.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'exact age',
  options: {
    pictures: {
      values: ['original', 'aligned'],
      meaning: 'whole pictures, or faces that the authors aligned',
    },
  },
  load: () => import('../readers/all-age-faces.js'),
});
