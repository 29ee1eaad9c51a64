import { dataset } from './dataset.js';

export const adience = dataset({
  id: 'adience',
  title: 'Adience',
  homepage: 'https://talhassner.github.io/home/projects/Adience/Adience-data.html',
  citation:
    'E. Eidinger, R. Enbar, T. Hassner: Age and Gender Estimation of Unfiltered Faces. IEEE Transactions on Information Forensics and Security 9(12), 2014.',
  terms:
    'For research purposes. The pictures are from Flickr, under the Creative Commons licences of their owners.',
  labels: 'age interval',
  options: {
    pictures: {
      values: ['aligned', 'faces'],
      meaning: "faces are aligned by landmarks, or turned upright by the face's tilt alone",
    },
  },
  load: () => import('../readers/adience.js'),
});
