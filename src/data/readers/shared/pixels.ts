import sharp from 'sharp';
import type { ImageSource } from '../../types.js';

/**
 * A picture of a set that stores pixels, as PNG: lossless, and encoded only on demand.
 * @param pixels `[side, side, 3]`, red first; they are read on demand and not copied before
 */
export const pixelSource = (pixels: Uint8Array, side: number): ImageSource => ({
  bytes: () =>
    sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer(),
});

/** The path of a picture that has only a row number. */
export const rowPath = (row: number): string => `${String(row).padStart(6, '0')}.png`;
