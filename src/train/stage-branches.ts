/** Which branches of a network count in a stage. */
import { branchShares } from '../networks/index.js';
import { float32, type Tensor } from '../onnx/index.js';
import type { Assembled } from './graph/index.js';
import { type Recipe, RecipeError, type Stage } from './recipe/index.js';

/**
 * The weights with the shares of the branches that the stage trains and is evaluated by. They are saved with the weights, so
 * that a model of the stage's best weights answers as it was evaluated.
 * @throws RecipeError if the network has no branch of a name.
 */
export function withBranches(
  weights: ReadonlyMap<string, Tensor>,
  { name }: Recipe,
  { branches: chosen, name: stage }: Stage,
  { branches, shares }: Pick<Assembled, 'branches' | 'shares'>,
): ReadonlyMap<string, Tensor> {
  const unknown = chosen?.find((wanted) => branches.every((branch) => branch.name !== wanted));
  if (unknown !== undefined) {
    const known = branches.map((branch) => `'${branch.name}'`).join(', ') || 'none';
    throw new RecipeError(
      `Recipe '${name}': stage '${stage}': branches: expected branches of the network (${known}), found '${unknown}'`,
    );
  }
  if (shares.length === 0) return weights;
  const logs = branchShares(branches, chosen);
  return new Map([
    ...weights,
    ...shares.map((constant) => [constant, float32(constant, [1, branches.length, 1], logs)] as const),
  ]);
}
