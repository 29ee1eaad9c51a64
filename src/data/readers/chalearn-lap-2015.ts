/**
 * ChaLearn LAP 2015 (ICCV 2015, track 1): 4,699 pictures with the mean and the standard deviation of at least ten
 * votes on the age; rows like `image_1.jpg;35;4.2`, without a header.
 *
 * S. Escalera et al.: ChaLearn Looking at People 2015: Apparent Age and Cultural Event Recognition Datasets and
 * Results. ICCVW 2015; https://chalearnlap.cvc.uab.cat/dataset/18/description/
 */
import type { DatasetReader } from '../types.js';
import { readChalearnLap } from './shared/chalearn-lap.js';
import { readOptions } from './shared/options.js';

export const chalearnLap2015: DatasetReader = {
  id: 'chalearn-lap-2015',
  title: 'ChaLearn LAP 2015',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/18/description/',
  citation:
    'S. Escalera, J. Fabian, P. Pardo, X. Baró, J. Gonzàlez, H. J. Escalante, D. Misevic, U. Steiner, I. Guyon: ChaLearn Looking at People 2015: Apparent Age and Cultural Event Recognition Datasets and Results. ICCVW 2015.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  async *read(source, options = {}) {
    readOptions('chalearn-lap-2015', options, {});
    yield* readChalearnLap(source, 'ChaLearn LAP 2015');
  },
};
