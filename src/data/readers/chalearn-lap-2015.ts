import { readChalearnLap } from './shared/chalearn-lap.js';
import { datasetReader } from './shared/dataset-reader.js';

export const chalearnLap2015 = datasetReader({
  id: 'chalearn-lap-2015',
  title: 'ChaLearn LAP 2015',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/18/description/',
  citation:
    'S. Escalera, J. Fabian, P. Pardo, X. Baró, J. Gonzàlez, H. J. Escalante, D. Misevic, U. Steiner, I. Guyon: ChaLearn Looking at People 2015: Apparent Age and Cultural Event Recognition Datasets and Results. ICCVW 2015.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  options: {},
  read: (source) => readChalearnLap(source, 'ChaLearn LAP 2015'),
});
