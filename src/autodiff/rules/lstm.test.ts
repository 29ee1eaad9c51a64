/** LSTM against central differences of the operator itself. */
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/support/gradcheck.js';

/** No kernel for double precision. */
const smooth = { precision: 'float32', step: 0.01, tolerance: 1e-3 } as const;

const [steps, batch, inputs, hidden] = [4, 2, 3, 2];

describe('the gradient of LSTM', () => {
  it.each(['forward', 'reverse', 'bidirectional'])('%s, for every input', async (direction) => {
    const d = direction === 'bidirectional' ? 2 : 1;
    const error = await gradientError({
      variables: {
        x: { dims: [steps, batch, inputs], declared: [steps, 'N', inputs] },
        w: { dims: [d, 4 * hidden, inputs] },
        r: { dims: [d, 4 * hidden, hidden] },
        b: { dims: [d, 8 * hidden] },
        h: { dims: [d, batch, hidden], declared: [d, 'N', hidden] },
        c: { dims: [d, batch, hidden], declared: [d, 'N', hidden] },
        p: { dims: [d, 3 * hidden] },
      },
      build: (g, { x, w, r, b, h, c, p }) =>
        g.ops('LSTM', 3, [x, w, r, b, undefined, h, c, p], { hidden_size: hidden, direction }),
      ...smooth,
    });
    expect(error).toBeLessThan(1);
  });

  it('from zero states, of the sequence, of the last state, with one value for both states', async () => {
    const variables = {
      x: { dims: [steps, batch, inputs], declared: [steps, 'N', inputs] },
      w: { dims: [1, 4 * hidden, inputs] },
      r: { dims: [1, 4 * hidden, hidden] },
    };
    const sequence = await gradientError({
      variables,
      build: (g, { x, w, r }) => g.op('LSTM', [x, w, r], { hidden_size: hidden }),
      ...smooth,
    });
    expect(sequence).toBeLessThan(1);
    const last = await gradientError({
      variables,
      build: (g, { x, w, r }) => g.ops('LSTM', 2, [x, w, r], { hidden_size: hidden })[1],
      ...smooth,
    });
    expect(last).toBeLessThan(1);
    const shared = await gradientError({
      variables: { ...variables, s: { dims: [1, batch, hidden] } },
      build: (g, { x, w, r, s }) =>
        g.op('LSTM', [x, w, r, undefined, undefined, s, s], { hidden_size: hidden }),
      ...smooth,
    });
    expect(shared).toBeLessThan(1);
  });

  it('of a single step, of the last cell', async () => {
    const error = await gradientError({
      variables: {
        x: { dims: [1, batch, inputs] },
        w: { dims: [1, 4 * hidden, inputs] },
        r: { dims: [1, 4 * hidden, hidden] },
        h: { dims: [1, batch, hidden] },
      },
      build: (g, { x, w, r, h }) =>
        g.ops('LSTM', 3, [x, w, r, undefined, undefined, h], { hidden_size: hidden })[2],
      ...smooth,
    });
    expect(error).toBeLessThan(1);
  });

  it('refuses what it would get wrong', async () => {
    const build = gradientError({
      variables: { x: { dims: [steps, 1, 1] }, w: { dims: [1, 4, 1] }, r: { dims: [1, 4, 1] } },
      build: (g, { x, w, r }) => g.op('LSTM', [x, w, r], { hidden_size: 1, clip: 0.1 }, { name: 'cell' }),
      ...smooth,
    });
    await expect(build).rejects.toThrow("The gradient of LSTM 'cell': attribute 'clip' is not supported");
  });
});
