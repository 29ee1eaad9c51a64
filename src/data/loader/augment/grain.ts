/** Film grain: noise that is the same in all channels of a pixel. */
import { Random } from '../../../random/index.js';
import type { PixelImage } from '../../../vision/index.js';

/**
 * Mean and standard deviation of the sum of four uniform bytes, which approximates a Gaussian with one draw per
 * channel.
 */
const MEAN = 510;
const DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Adds noise of standard deviation `sigma` levels, in place, determined by the seed. */
export function grain({ data }: PixelImage, sigma: number, seed: number): void {
  const random = new Random(seed);
  const factor = sigma / DEVIATION;
  // Storing rounds and clamps.
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < data.length; i += 3) {
    const bits = random.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    const noise = factor * (sum - MEAN);
    out[i] = data[i]! + noise;
    out[i + 1] = data[i + 1]! + noise;
    out[i + 2] = data[i + 2]! + noise;
  }
}
