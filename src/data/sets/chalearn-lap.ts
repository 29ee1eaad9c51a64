import { dataset } from './dataset.js';

const ABOUT = {
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  options: {},
} as const;

const readingAs = (title: string) => async () => {
  const { readChalearnLap } = await import('../readers/chalearn-lap.js');
  return { read: (source: string) => readChalearnLap(source, title) };
};

export const chalearnLap2015 = dataset({
  ...ABOUT,
  id: 'chalearn-lap-2015',
  title: 'ChaLearn LAP 2015',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/18/description/',
  citation:
    'S. Escalera, J. Fabian, P. Pardo, X. Baró, J. Gonzàlez, H. J. Escalante, D. Misevic, U. Steiner, I. Guyon: ChaLearn Looking at People 2015: Apparent Age and Cultural Event Recognition Datasets and Results. ICCVW 2015.',
  load: readingAs('ChaLearn LAP 2015'),
});

export const chalearnLap2016 = dataset({
  ...ABOUT,
  id: 'chalearn-lap-2016',
  title: 'ChaLearn LAP 2016',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/19/description/',
  citation:
    'S. Escalera, M. Torres Torres, B. Martínez, X. Baró, H. J. Escalante, I. Guyon, G. Tzimiropoulos, C. Corneanu, M. Oliu, M. A. Bagheri, M. Valstar: ChaLearn Looking at People and Faces of the World: Face Analysis Workshop and Challenge 2016. CVPRW 2016.',
  load: readingAs('ChaLearn LAP 2016'),
});
