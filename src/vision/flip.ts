/** Mirrors pictures left to right. A mirrored face has the same age, which training and flip averaging use. */
import type { InputSpec } from '../metadata/index.js';
import type { PixelImage } from './types.js';

/** The picture mirrored left to right. */
export function flipImage(image: PixelImage): PixelImage {
  const data = image.data.slice();
  mirrorRows(data, 0, image.height, image.width, 3);
  return { width: image.width, height: image.height, data };
}

/** Mirrors one face of a batch in place: the `3 · width · height` numbers of `tensor` from `offset` on. */
export function flipTensor(
  tensor: Float32Array,
  offset: number,
  spec: Pick<InputSpec, 'width' | 'height' | 'layout'>,
): void {
  if (spec.layout === 'NCHW') mirrorRows(tensor, offset, 3 * spec.height, spec.width, 1);
  else mirrorRows(tensor, offset, spec.height, spec.width, 3);
}

/** Reverses each of `rows` rows of `width` elements of `depth` numbers. */
function mirrorRows(
  data: Uint8Array | Float32Array,
  offset: number,
  rows: number,
  width: number,
  depth: number,
): void {
  for (let row = 0; row < rows; row++) {
    let left = offset + row * width * depth;
    let right = left + (width - 1) * depth;
    for (; left < right; left += depth, right -= depth) {
      for (let channel = 0; channel < depth; channel++) {
        const kept = data[left + channel]!;
        data[left + channel] = data[right + channel]!;
        data[right + channel] = kept;
      }
    }
  }
}
