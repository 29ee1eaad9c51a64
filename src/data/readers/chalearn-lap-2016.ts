/**
 * ChaLearn LAP 2016 (CVPR 2016, track 1): 7,591 pictures with the mean and the standard deviation of the votes on
 * the age; `train_gt.csv`, `valid_gt.csv` and `test_gt.csv` with the columns image, mean and stdv.
 *
 * S. Escalera et al.: ChaLearn Looking at People and Faces of the World: Face Analysis Workshop and Challenge 2016.
 * CVPRW 2016; https://chalearnlap.cvc.uab.cat/dataset/19/description/
 */
import type { DatasetReader } from '../types.js';
import { readChalearnLap } from './shared/chalearn-lap.js';
import { readOptions } from './shared/options.js';

export const chalearnLap2016: DatasetReader = {
  id: 'chalearn-lap-2016',
  title: 'ChaLearn LAP 2016',
  homepage: 'https://chalearnlap.cvc.uab.cat/dataset/19/description/',
  citation:
    'S. Escalera, M. Torres Torres, B. Martínez, X. Baró, H. J. Escalante, I. Guyon, G. Tzimiropoulos, C. Corneanu, M. Oliu, M. A. Bagheri, M. Valstar: ChaLearn Looking at People and Faces of the World: Face Analysis Workshop and Challenge 2016. CVPRW 2016.',
  terms: 'For research purposes. The rights to the pictures belong to their original owners.',
  labels: 'apparent age with spread',
  async *read(source, options = {}) {
    readOptions('chalearn-lap-2016', options, {});
    yield* readChalearnLap(source, 'ChaLearn LAP 2016');
  },
};
