/** Channels that fill no whole number of blocks: how many more a value is held with, and which sizes it has then. */
import type { MapSizes } from './builder.js';
import type { BlockSize, Layout } from './layouts.js';

/** ONNX Runtime reorders channels in fours. */
const ALIGNMENT = 4;

/** How many channels may be computed for each that is there: of 24 in blocks of 16, 32. */
const WORTHWHILE = 4 / 3;

/**
 * The number of channels that a map of `count` is held with: whole blocks where few channels are missing, otherwise as
 * many as there are. Those that fill a block hold numbers that nobody is to read: zeros where they come in from plain
 * values and weights, and whatever finite numbers elementwise operators make of them.
 */
export function filledChannels(count: number, block: BlockSize): number {
  const whole = Math.ceil(count / block) * block;
  return count % ALIGNMENT === 0 && whole <= WORTHWHILE * count ? whole : count;
}

/** The sizes with which a value of four axes is held in a layout. */
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
