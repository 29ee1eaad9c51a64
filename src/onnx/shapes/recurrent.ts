/** Recurrent networks. Inputs: X `[seq, batch, input]`, W, R `[directions, gates · hidden, hidden]`, ... */
import type { Dim } from '../graph.js';
import type { Known, Rule, Rules } from './context.js';
import { formatShape } from './context.js';
import { same } from './dims.js';

/** Outputs: every state, the last hidden state and, of an LSTM, the last cell state. */
const recurrent =
  (gates: number, states: number): Rule =>
  (c): readonly Known[] => {
    const dtype = c.dtype(0);
    const x = c.shapeOfRank(0, 3);
    const w = c.shapeOfRank(1, 3);
    const r = c.shapeOfRank(2, 3);
    if (x && w && same(x[2]!, w[2]!) === undefined) {
      c.fail(`an input of ${formatShape(x)} does not fit weights of ${formatShape(w)}`);
    }
    const directions = c.string('direction', 'forward') === 'bidirectional' ? 2 : 1;
    const fromWeights: Dim = r?.[2] ?? null;
    const hidden: Dim = c.node.attributes.has('hidden_size') ? c.int('hidden_size', 0) : fromWeights;
    if (same(hidden, fromWeights) === undefined) {
      c.fail(`hidden_size ${hidden} contradicts recurrence weights of ${formatShape(r)}`);
    }
    if (typeof hidden === 'number' && w && same(w[1]!, gates * hidden) === undefined) {
      c.fail(`weights of ${formatShape(w)} do not hold ${gates} gates of ${hidden}`);
    }
    const batchFirst = c.int('layout', 0) === 1;
    const [steps, batch]: Dim[] = x ? (batchFirst ? [x[1]!, x[0]!] : [x[0]!, x[1]!]) : [null, null];
    const all = batchFirst ? [batch!, steps!, directions, hidden] : [steps!, directions, batch!, hidden];
    const last: Known = {
      dtype,
      shape: batchFirst ? [batch!, directions, hidden] : [directions, batch!, hidden],
    };
    return [{ dtype, shape: all }, ...new Array<Known>(states).fill(last)];
  };

export const recurrence: Rules = { RNN: recurrent(1, 1), GRU: recurrent(3, 1), LSTM: recurrent(4, 2) };
