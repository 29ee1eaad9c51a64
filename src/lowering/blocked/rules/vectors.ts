/** Vectors of one number a channel beside maps that are held with more channels. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import type { KernelBuilder } from '../layout/builder.js';
import { Memo } from '../memo.js';
import type { BlockedValue } from '../value.js';

const filled = new Memo<BlockedValue, Value>();

/** `[C]` padded with zeros to the map's stored channels. */
export function filledVector({ g }: KernelBuilder, vector: BlockedValue, channels: number): Value {
  const missing = channels - (vector.sizes?.[0] ?? channels);
  if (missing === 0) return vector.plain;
  return filled.get(vector, channels, () => g.op('Pad', [vector.plain, g.ints([0, missing])]));
}

/** The first `channels` of a vector over the map's stored channels. */
export const cutVector = (g: GraphBuilder, vector: Value, channels: number): Value =>
  vector.size(0) === channels
    ? vector
    : g.op('Slice', [vector, g.ints([0]), g.ints([channels]), g.ints([0])]);
