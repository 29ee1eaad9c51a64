/**
 * Standardises features for heads: mean 0 and deviation 1 over the batch, in inference by running statistics, as in
 * batch norm without its affine map (Ioffe and Szegedy, ICML 2015). Those of dlib's network have a mean of 1.2 and a
 * deviation of 0.2, from which a new head learns slowly.
 */
import type { Layers, NetworkEnd } from '../../networks/index.js';
import { type Recipe, RecipeError } from '../recipe/index.js';
import { STANDARDIZED } from './names.js';

/**
 * The features standardised.
 * @throws RecipeError for a network that ends with an age.
 */
export function standardized(layers: Layers, end: NetworkEnd, { name }: Recipe): NetworkEnd {
  const options = { scale: false, bias: false };
  if ('expectation' in end) {
    throw new RecipeError(
      `Recipe '${name}': network.standardize: expected a network with features, found one that ends with an age`,
    );
  }
  if ('dtype' in end) return layers.norm(end, STANDARDIZED, options);
  return end.map((branch) => ({
    ...branch,
    features: layers.norm(branch.features, `${STANDARDIZED}.${branch.name}`, options),
  }));
}
