/** Thrown for a recipe that cannot be used, in one sentence that names the file and the field. */
export class RecipeError extends Error {
  override name = 'RecipeError';
}
