/** The weights of a convolution as those of its gradient for the input. */
import type { Value } from '../../../onnx/index.js';
import { product } from '../../sizes.js';
import type { KernelBuilder, MapSizes, Operand } from '../layout/builder.js';
import type { WeightLayout } from '../layout/layouts.js';
import { reorderInput } from '../layout/reorder.js';
import { Memo } from '../memo.js';
import { scaledOutputs } from './channels.js';
import type { Pair } from './window.js';

/** A convolution's weights, for its input gradient. */
export interface TurnableWeights {
  readonly weights: Operand;
  readonly layout: Exclude<WeightLayout, 'thin'>;
  /** `[O, I, K, K]`, as stored in the layout. */
  readonly sizes: MapSizes;
  /** A pending factor of the outputs, `[O, 1, 1, 1]`. */
  readonly factor: Value | undefined;
}

/** Weights with transposed blocks, one block per row, by their factor. */
const transposedBlocks = new Memo<Operand, Value>();

/** Selected taps of the weights, with inputs and outputs exchanged: weights of size `kernel`. */
export function turnedTaps(
  { g, block }: KernelBuilder,
  { weights, layout, sizes, factor }: TurnableWeights,
  taps: readonly number[],
  kernel: Pair,
): Value {
  const [outputs, inputs, ...window] = sizes;
  const count = product(window);
  const scaled = () => {
    const given = weights.in(layout);
    return factor ? scaledOutputs(g, given, factor) : given;
  };
  if (layout === 'depthwise') {
    const split = g.reshape(scaled(), [outputs / block, count, block]);
    return g.reshape(g.op('Gather', [split, g.ints(taps)], { axis: 1 }), [outputs, 1, ...kernel]);
  }
  const [planes, sources] = [outputs / block, inputs / block];
  const blocks = transposedBlocks.get(weights, factor, () => {
    // ReorderInput transposes each block by block of inputs and outputs.
    const rows = planes * sources * count;
    const transposed = reorderInput(g, g.reshape(scaled(), [rows, block, 1, block]));
    return g.reshape(transposed, [rows, block ** 2]);
  });
  const picked: number[] = [];
  for (let source = 0; source < sources; source++) {
    for (let plane = 0; plane < planes; plane++) {
      for (const tap of taps) picked.push((plane * sources + source) * count + tap);
    }
  }
  return g.reshape(g.op('Gather', [blocks, g.ints(picked)]), [inputs, outputs, ...kernel]);
}
