import { NetworkError } from './error.js';
import type { Network } from './types.js';

/** The same network, with a `build` that throws a NetworkError for pictures that are too small. */
export function refusingSmallPictures(network: Network): Network {
  const { smallest = 1, title } = network;
  return {
    ...network,
    build(l, images) {
      const [height, width] = [images.size(2), images.size(3)];
      if (Math.min(height, width) >= smallest) return network.build(l, images);
      throw new NetworkError(
        `${title} takes pictures of at least ${smallest} pixels a side, found ${width}×${height}`,
      );
    },
  };
}
