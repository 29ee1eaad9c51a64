import { dataset } from './dataset.js';

const ABOUT = {
  homepage: 'https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/',
  citation:
    'R. Rothe, R. Timofte, L. Van Gool: Deep Expectation of Real and Apparent Age from a Single Image Without Facial Landmarks. International Journal of Computer Vision 126(2-4), 2018.',
  terms:
    'For academic research purposes only. The pictures were crawled from public websites; their owners keep the rights.',
  labels: 'exact age',
} as const;

const half = (id: 'imdb' | 'wiki', title: string) =>
  dataset({
    ...ABOUT,
    id,
    title,
    options: {
      age: {
        values: ['mid-year', 'year'],
        meaning: 'who was born in July or later counts as a year younger, or years are subtracted',
      },
      pictures: {
        values: ['by folder', 'crops', 'whole'],
        meaning: 'whole pictures have face boxes; crops are in a folder whose name ends in _crop',
      },
    },
    load: async () => {
      const { readHalf } = await import('../readers/imdb-wiki.js');
      return { read: (source, chosen) => readHalf(id, source, chosen) };
    },
  });

export const imdb = half('imdb', 'IMDB-WIKI, the half from IMDb');
export const wiki = half('wiki', 'IMDB-WIKI, the half from Wikipedia');
