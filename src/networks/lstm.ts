/** The LSTM layer (Hochreiter and Schmidhuber 1997; forget gates by Gers, Schmidhuber and Cummins 2000). */
import { float32, type Value } from '../onnx/index.js';
import { glorotUniform, type Layers } from './layers.js';
import type { Initial } from './weights.js';

/** An LSTM's final state: its output and its cell, each `[N, hidden]`. */
export interface LstmEnd {
  readonly hidden: Value;
  readonly cell: Value;
}

/**
 * Reads a sequence `[T, N, I]`. Parameters, gates in ONNX's order (input, output, forget, cell): `name.weight` `[1,
 * 4·hidden, I]`, `name.recurrent` `[1, 4·hidden, hidden]` and `name.bias` `[1, 4·hidden]`. The forget gate has 1 added
 * to its bias, so that an untrained cell keeps its memory (Jozefowicz et al., ICML 2015).
 * @param initial the initial recurrent weights, uniform if left out
 */
export function lstm(
  l: Layers,
  sequence: Value,
  name: string,
  hidden: number,
  initial: Initial = glorotUniform(hidden, 4 * hidden),
): LstmEnd {
  const inputs = sequence.size(2);
  return l.scope(name, () => {
    const gates = 4 * hidden;
    const weight = l.parameter('weight', [1, gates, inputs], glorotUniform(inputs, gates));
    const recurrent = l.parameter('recurrent', [1, gates, hidden], initial);
    const bias = l.parameter('bias', [1, gates], { kind: 'constant', value: 0 });
    const remembering = new Float32Array(gates).fill(1, 2 * hidden, 3 * hidden);
    const biases = l.g.op('Concat', [bias, l.g.constant(float32('', [1, gates], remembering))], { axis: 1 });
    const ends = l.g.ops('LSTM', 3, [sequence, weight, recurrent, biases], { hidden_size: hidden });
    const [, h, c] = ends;
    return { hidden: l.g.op('Squeeze', [h, l.g.ints([0])]), cell: l.g.op('Squeeze', [c, l.g.ints([0])]) };
  });
}
