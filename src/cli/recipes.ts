/** `agewise recipes`: its arguments. What it does is in run-recipes.ts, loaded only when it is called. */
import type { Command } from 'commander';
import type { RecipesFlags } from './recipes-flags.js';

const AFTER = `
A recipe says what is trained and how. To make one of your own, begin with one that
is near:
  agewise recipes lenet-groups-14 > own.yaml
  agewise train own.yaml --data utkface.store

Single values can be replaced without a file, by --set key=value of agewise train,
where the key is a path such as stages.0.rate; --fields lists them.

Exit codes:
  0    done
  2    wrong usage, or a recipe that is not there
`;

export function addRecipes(program: Command): void {
  program
    .command('recipes')
    .summary('list the recipes that ship, print one, or say what a recipe may hold')
    .description('Lists the recipes that ship and what their sources report, or prints one.')
    .argument('[recipe]', 'print this one, as it is written')
    .option('--fields', 'list every field that a recipe may have')
    .option('--json', 'print JSON: an object a line for each recipe or field; of one recipe every value')
    .addHelpText('after', AFTER)
    .action(async (recipe: string | undefined, flags: RecipesFlags) => {
      const { runRecipes } = await import('./run-recipes.js');
      await runRecipes(recipe, flags);
    });
}
