/** Pictures for peers that take pixels, decoded by sharp, the fastest decoder for them. */
import sharp from 'sharp';

/** Upright RGB, interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Estimates picture after picture; the next one is decoded on another thread meanwhile. */
export async function estimateEach<T>(
  files: readonly (string | Uint8Array)[],
  estimate: (picture: Picture) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = files.length > 0 ? decode(files[0]!) : undefined;
  for (let i = 0; next !== undefined; i++) {
    const picture = await next;
    next = i + 1 < files.length ? decode(files[i + 1]!) : undefined;
    results.push(await estimate(picture));
  }
  return results;
}

async function decode(file: string | Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(file)
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
