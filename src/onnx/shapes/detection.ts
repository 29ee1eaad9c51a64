/** Operators of object detectors. */
import { one, type Rules } from './context.js';

export const detection: Rules = {
  // Rows of (batch, class, box); the number of boxes depends on the data.
  NonMaxSuppression: () => one({ dtype: 'int64', shape: [null, 3] }),
  RoiAlign: (c) =>
    one({
      dtype: c.dtype(0),
      shape: [
        c.shape(1)?.[0] ?? null,
        c.shape(0)?.[1] ?? null,
        c.int('output_height', 1),
        c.int('output_width', 1),
      ],
    }),
};
