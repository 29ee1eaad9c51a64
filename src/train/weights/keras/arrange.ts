/** Values in the order of Keras, put into the order of ONNX. */
import { elementCount } from '../../../onnx/index.js';
import { sameDims } from '../weight-file.js';

type Dims = readonly number[];
export type Arrange = (values: Float32Array) => Float32Array;

/**
 * The Keras shape of a weight of this shape: `[O, I, h, w]` is `[h, w, I, O]`; for a depthwise convolution `[C, 1, h,
 * w]` is `[h, w, C, 1]`.
 */
export function kerasDims(dims: Dims, depthwise: boolean): Dims {
  if (dims.length !== 4) return dims;
  const [outputs, inputs, height, width] = dims as [number, number, number, number];
  return depthwise ? [height, width, outputs, inputs] : [height, width, inputs, outputs];
}

/**
 * A function that rearranges a Keras weight's values to shape `dims`; undefined if they do not match. A dense layer
 * `[in, out]` may be a convolution in Keras that covers whole maps, `[h, w, C, out]`.
 * @param maps the shape `[C, H, W]` of the maps that a dense layer reads, which Keras flattens as height, width, channels
 */
export function arrangement(dims: Dims, found: Dims, depthwise: boolean, maps?: Dims): Arrange | undefined {
  if (dims.length === 4) {
    if (!sameDims(kerasDims(dims, depthwise), found)) return undefined;
    return (values) => (depthwise ? spatialLast(values, found, [2, 3]) : spatialLast(values, found, [3, 2]));
  }
  const flat = dims.length === 2 && found.length === 4 ? [elementCount(found.slice(0, 3)), found[3]!] : found;
  if (!sameDims(dims, flat)) return undefined;
  if (dims.length === 2 && maps) {
    return elementCount(maps) === dims[0] ? (values) => channelsFirstRows(values, maps, dims[1]!) : undefined;
  }
  const spread = flat !== found && found[0]! * found[1]! > 1;
  return spread ? undefined : (values) => values;
}

/** `[h, w, a, b]` with its last two axes in that order, and the first two after them. */
function spatialLast(values: Float32Array, dims: Dims, axes: readonly [2 | 3, 2 | 3]): Float32Array {
  const [height, width, a, b] = dims as [number, number, number, number];
  const pixels = height * width;
  const result = new Float32Array(values.length);
  const inner = axes[1] === 3 ? b : a;
  let at = 0;
  for (let p = 0; p < pixels; p++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) {
        const place = axes[0] === 2 ? i * inner + j : j * inner + i;
        result[place * pixels + p] = values[at++]!;
      }
    }
  }
  return result;
}

/** `[H · W · C, out]` with its rows as `[C · H · W, out]`. */
function channelsFirstRows(values: Float32Array, [channels, ...sides]: Dims, outputs: number): Float32Array {
  const pixels = elementCount(sides);
  const result = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels!; c++) {
      const from = (p * channels! + c) * outputs;
      result.set(values.subarray(from, from + outputs), (c * pixels + p) * outputs);
    }
  }
  return result;
}
