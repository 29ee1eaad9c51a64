/** Random erasing: Zhong et al., Random Erasing Data Augmentation, AAAI 2020, algorithm 1. */

import { Random } from '../../../random/index.js';
import type { PixelImage } from '../../../vision/index.js';
import type { AugmentConfig } from './config.js';

/** Attempts to draw a fitting rectangle before the picture is left unchanged. */
const MOST_TRIES = 100;

/**
 * Fills a rectangle with noise, in place: its area (a share of the picture's) and aspect ratio are uniform in their
 * ranges and drawn again until it fits; its position is uniform.
 */
export function erase(
  { width, height, data }: PixelImage,
  { area, ratio }: Pick<AugmentConfig['erasing'], 'area' | 'ratio'>,
  seed: number,
): void {
  const random = new Random(seed);
  for (let i = 0; i < MOST_TRIES; i++) {
    const size = random.between(...area) * width * height;
    const shape = random.between(...ratio);
    const h = Math.round(Math.sqrt(size * shape));
    const w = Math.round(Math.sqrt(size / shape));
    if (w > width || h > height) continue;
    const left = random.below(width - w + 1);
    const top = random.below(height - h + 1);
    for (let row = top; row < top + h; row++) {
      const start = (row * width + left) * 3;
      for (let at = start; at < start + w * 3; at++) data[at] = random.bits() >>> 24;
    }
    return;
  }
}
