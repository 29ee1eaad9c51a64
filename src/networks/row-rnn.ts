/** A recurrent network that reads a picture row by row, from the top. */
import { plainInput } from './inputs.js';
import { lstm } from './lstm.js';
import type { Network } from './types.js';

const HIDDEN = 128;

export const ROW_RNN: Network = {
  name: 'row-rnn',
  title: 'Row RNN',
  source:
    'Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 1997, over the rows of a picture',
  input: plainInput(64),
  classifier: 'classifier',
  build(l, images) {
    const [channels, height, width] = [1, 2, 3].map((axis) => images.size(axis)) as [number, number, number];
    const rows = l.g.op('Transpose', [images], { perm: [2, 0, 1, 3] });
    const sequence = l.g.reshape(rows, [height, -1, channels * width]);
    return lstm(l, sequence, 'lstm', HIDDEN).hidden;
  },
};
