/** Recipes: the settings of training runs. */
export { RecipeError } from './error.js';
export { type RecipeField, recipeFields } from './fields.js';
export { checkRecipe, type LoadOptions, loadRecipe, readRecipe, recipeText } from './load.js';
export {
  DEX_MARGIN,
  MONITORS,
  type Monitor,
  type Recipe,
  type RecipeDocument,
  recipeSchema,
  type Stage,
} from './schema.js';
export { shippedRecipes } from './shipped.js';
export { smokeForm } from './smoke.js';
