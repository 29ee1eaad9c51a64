/** Reports the errors of networks and heads as errors in a field of the recipe. */
import { HeadError, NetworkError } from '../../networks/index.js';
import { type Recipe, RecipeError } from '../recipe/index.js';

/** @throws RecipeError that names the field if `build` throws a NetworkError or a HeadError. */
export function namingField<T>({ name }: Recipe, field: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof HeadError)) throw error;
    throw new RecipeError(`Recipe '${name}': ${field}: ${error.message}`, { cause: error });
  }
}
