/** Gaussian blur. */
import type { PixelImage } from '../../../vision/index.js';

/** The kernel's radius in standard deviations: 0.3% of a Gaussian lies beyond it. */
const REACH = 3;

/**
 * Blurs the picture in place by a Gaussian of standard deviation `sigma` pixels. Outside the picture its edge pixels
 * repeat.
 */
export function blur({ width, height, data }: PixelImage, sigma: number): void {
  const kernel = gaussian(sigma);
  // Floats throughout: a loop over arrays of one type is several times as fast as one over two.
  const values = new Float32Array(data);
  const across = new Float32Array(values.length);
  for (let row = 0; row < height; row++) blurLine(values, across, row * width * 3, 3, width, kernel);
  for (let column = 0; column < width; column++) {
    blurLine(across, values, column * 3, width * 3, height, kernel);
  }
  for (let i = 0; i < data.length; i++) data[i] = values[i]! + 0.5;
}

/** The kernel's half from its middle on; the whole sums to 1. */
function gaussian(sigma: number): Float32Array {
  const half = Float32Array.from({ length: Math.ceil(REACH * sigma) + 1 }, (_, i) =>
    Math.exp(-((i / sigma) ** 2) / 2),
  );
  const sum = half.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => weight / sum);
}

/** One line of `count` pixels, `step` numbers apart, of three channels. */
function blurLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  kernel: Float32Array,
): void {
  const last = start + (count - 1) * step;
  for (let at = start; at <= last; at += step) {
    const middle = kernel[0]!;
    let red = from[at]! * middle;
    let green = from[at + 1]! * middle;
    let blue = from[at + 2]! * middle;
    let [before, after] = [at, at];
    for (let tap = 1; tap < kernel.length; tap++) {
      before = before > start ? before - step : start;
      after = after < last ? after + step : last;
      const weight = kernel[tap]!;
      red += (from[before]! + from[after]!) * weight;
      green += (from[before + 1]! + from[after + 1]!) * weight;
      blue += (from[before + 2]! + from[after + 2]!) * weight;
    }
    to[at] = red;
    to[at + 1] = green;
    to[at + 2] = blue;
  }
}
