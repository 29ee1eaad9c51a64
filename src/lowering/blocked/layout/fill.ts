/** Channels that fill not an integer of blocks: how many more a value is held with, and which sizes it has then. */
import type { MapSizes } from './builder.js';
import type { BlockSize, Layout } from './layouts.js';

/** ONNX Runtime reorders channels in fours. */
const ALIGNMENT = 4;

/** The maximum ratio of computed to actual channels: 24 in blocks of 16 are computed as 32. */
const WORTHWHILE = 4 / 3;

/**
 * The number of channels stored for a map of `count` channels: whole blocks if few are missing, otherwise `count`. The
 * filling channels must not be read: they are zero when they come from plain values and weights, and any finite numbers
 * after elementwise operators.
 */
export function filledChannels(count: number, block: BlockSize): number {
  const whole = Math.ceil(count / block) * block;
  return count % ALIGNMENT === 0 && whole <= WORTHWHILE * count ? whole : count;
}

/** The sizes of a 4D value as stored in a layout. */
export function heldSizes(layout: Layout, sizes: MapSizes, block: BlockSize): MapSizes {
  if (layout === 'plain') return sizes;
  const [outer, inner, ...window] = sizes;
  const fill = (count: number) => filledChannels(count, block);
  const held: readonly [number, number] =
    layout === 'channels'
      ? [outer, fill(inner)]
      : layout === 'dense'
        ? [fill(outer), fill(inner)]
        : [fill(outer), inner];
  return [...held, ...window];
}
