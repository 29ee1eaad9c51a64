import { describe, expect, it } from 'vitest';
import { networkOf } from '../../networks/index.js';
import { loadRecipe } from './load.js';
import { shippedRecipes } from './shipped.js';

const names = await shippedRecipes();

describe.each(names)('the recipe %s', (name) => {
  it('loads, under its own name', async () => {
    const recipe = await loadRecipe(name);
    expect(recipe.name).toBe(name);
    if (recipe.network.name !== undefined)
      expect(networkOf(recipe.network.name).name).toBe(recipe.network.name);
  });
});
