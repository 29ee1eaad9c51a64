import { readChalearnLap } from './shared/chalearn-lap.js';
import { datasetReader } from './shared/dataset-reader.js';

export const chalearnLap2016 = datasetReader({
  id: 'chalearn-lap-2016',
  title: 'ChaLearn LAP 2016',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/19/description/',
  citation:
    'S. Escalera, M. Torres Torres, B. Martínez, X. Baró, H. J. Escalante, I. Guyon, G. Tzimiropoulos, C. Corneanu, M. Oliu, M. A. Bagheri, M. Valstar: ChaLearn Looking at People and Faces of the World: Face Analysis Workshop and Challenge 2016. CVPRW 2016.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  options: {},
  read: (source) => readChalearnLap(source, 'ChaLearn LAP 2016'),
});
