/** All networks by name. */
import { LENET } from './lenet.js';
import { FOUR_CONVOLUTIONS, LEVI_HASSNER } from './levi-hassner.js';
import { DENSE_NETWORK, SMALL_CNN, SOFTMAX_REGRESSION } from './plain.js';
import { ROW_RNN } from './row-rnn.js';
import { refusingSmallPictures } from './size.js';
import type { Network } from './types.js';

/** In the order in which they are listed. */
export const NETWORKS: readonly Network[] = [
  LEVI_HASSNER,
  FOUR_CONVOLUTIONS,
  LENET,
  SMALL_CNN,
  DENSE_NETWORK,
  ROW_RNN,
  SOFTMAX_REGRESSION,
].map(refusingSmallPictures);
