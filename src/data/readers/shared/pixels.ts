import sharp from 'sharp';
import type { ImageSource } from '../../types.js';

/**
 * A picture of a set that holds pixels, as PNG: nothing is lost, and it is made only when it is asked for.
 * @param pixels `[side, side, 3]`, red first; they are read when the bytes are asked for, and not copied before
 */
export const pixelSource = (pixels: Uint8Array, side: number): ImageSource => ({
  bytes: () =>
    sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer(),
});

/** The path of a picture that has no name but its place. */
export const rowPath = (row: number): string => `${String(row).padStart(6, '0')}.png`;
