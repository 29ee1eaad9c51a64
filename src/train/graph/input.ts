/** How faces become the input of a run's network. */
import type { InputSpec, NetworkInput } from '../../metadata/index.js';
import { DEX_MARGIN, type Recipe } from '../recipe/index.js';

/** A recipe's statements about the network's input; the rest is the network's own. */
export function statedInput({ input }: Recipe): Partial<NetworkInput> {
  const { size, color, mean, scale } = input;
  const [width, height] = typeof size === 'number' ? [size, size] : (size ?? []);
  return {
    ...(width !== undefined && height !== undefined && { width, height }),
    ...(color && { color }),
    ...(mean && { mean }),
    ...(scale && { scale }),
  };
}

export function inputSpec(recipe: Recipe, network: NetworkInput): InputSpec {
  const { margin = DEX_MARGIN, offset, crop, alignment } = recipe.input;
  const { width, height, color, mean, scale } = { ...network, ...statedInput(recipe) };
  const placed = { margin, ...(offset && { offset }), crop, alignment };
  return { width, height, color, mean, scale, layout: 'NCHW', ...placed };
}
