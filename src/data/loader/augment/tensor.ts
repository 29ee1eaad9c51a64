/** Pixels of the size of a network's input, as that input. */
import { type InputSpec, type PixelImage, resizeToTensor } from '../../../vision/index.js';

const LEVELS = 256;

/** A table of normalised values of every byte, for the channels of `spec.color`, made by the normal preprocessing. */
function valuesOf(spec: InputSpec): Float32Array {
  const data = Uint8Array.from({ length: 3 * LEVELS }, (_, i) => Math.floor(i / 3));
  const table = new Float32Array(3 * LEVELS);
  resizeToTensor({ width: LEVELS, height: 1, data }, LEVELS, 1, { ...spec, layout: 'NCHW' }, table);
  return table;
}

/** A function that writes `[3, H, W]` or `[H, W, 3]`, as `spec.layout` says, into `out` from `offset` on. */
export function tensorWriter(
  spec: InputSpec,
): (image: PixelImage, out: Float32Array, offset: number) => void {
  const table = valuesOf(spec);
  const planar = spec.layout === 'NCHW';
  const plane = planar ? spec.width * spec.height : 1;
  const step = planar ? 1 : 3;
  const first = spec.color === 'RGB' ? 0 : 2;
  return ({ data }, out, offset) => {
    for (let from = 0, to = offset; from < data.length; from += 3, to += step) {
      const [one, two, three] = [data[from + first]!, data[from + 1]!, data[from + 2 - first]!];
      out[to] = table[one]!;
      out[to + plane] = table[LEVELS + two]!;
      out[to + 2 * plane] = table[2 * LEVELS + three]!;
    }
  };
}
