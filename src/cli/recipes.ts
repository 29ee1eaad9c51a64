/** The arguments of `agewise recipes`. run-recipes.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import type { RecipesFlags } from './recipes-flags.js';

const AFTER = `
A recipe says what is trained and how. To make your own, start from a similar one:
  agewise recipes lenet-groups-14 > own.yaml
  agewise train own.yaml --data utkface.store

To replace single values without a file, use agewise train --set key=value, where
the key is a path such as stages.0.rate; --fields lists the keys.

Exit codes:
  0    done
  2    wrong usage, or an unknown recipe
`;

export function addRecipes(program: Command): void {
  program
    .command('recipes')
    .summary('list the shipped recipes, print one, or list the fields of a recipe')
    .description('Lists the shipped recipes and what their sources report, or prints one.')
    .argument('[recipe]', 'print this recipe, as it is written')
    .option('--fields', 'list every field that a recipe may have')
    .option('--json', 'print JSON: one object per line for each recipe or field; for one recipe, every value')
    .addHelpText('after', AFTER)
    .action(async (recipe: string | undefined, flags: RecipesFlags) => {
      const { runRecipes } = await import('./run-recipes.js');
      await runRecipes(recipe, flags);
    });
}
