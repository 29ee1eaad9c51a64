/** Runs `agewise recipes`. */
import {
  loadRecipe,
  type Recipe,
  type RecipeField,
  recipeFields,
  recipeText,
  shippedRecipes,
} from '../train/index.js';
import { Console } from './console.js';
import type { RecipesFlags } from './recipes-flags.js';
import { jsonText, lookOf, type Paint, padEnd, paint, widthOf, wrapped } from './text.js';
import { UsageError } from './usage.js';

export async function runRecipes(name: string | undefined, flags: RecipesFlags): Promise<void> {
  if (name !== undefined && flags.fields) {
    throw new UsageError(`--fields lists the fields of all recipes; expected no recipe, found '${name}'`);
  }
  await new Console().print(await text(name, flags));
}

async function text(name: string | undefined, { fields, json }: RecipesFlags): Promise<string> {
  const look = lookOf(process.stdout);
  const style = paint(look);
  if (fields) return json ? jsonLines(recipeFields()) : fieldList(recipeFields(), style);
  if (name !== undefined) return json ? jsonLines([await loadRecipe(name)]) : recipeText(name);
  const recipes = await Promise.all((await shippedRecipes()).map((shipped) => loadRecipe(shipped)));
  if (json)
    return jsonLines(recipes.map(({ name, title, source, reports }) => ({ name, title, source, reports })));
  return recipeTable(recipes, style);
}

const jsonLines = (values: readonly object[]): string => values.map(jsonText).join('');

const GAP = '  ';
/** The width of text that does not go to a terminal. */
const COLUMNS = 120;
/** The least width of text beside a name; on a narrower terminal it is below. */
const NARROWEST = 30;

/** A row for each recipe: its name, what it trains, and below that what its source reports. */
function recipeTable(recipes: readonly Recipe[], { bold, dim, columns = COLUMNS }: Paint): string {
  const widest = Math.max(...recipes.map(({ name }) => widthOf(name)));
  const beside = columns - widest - GAP.length >= NARROWEST;
  const indent = beside ? widest : 0;
  const room = columns - indent - GAP.length;
  const rows = recipes.map(({ name, title, reports }) => {
    const lines = [...wrapped(title, room), ...wrapped(`reported: ${reports}`, room).map(dim)];
    const cells = lines.map(
      (line, i) => `${padEnd(beside && i === 0 ? bold(name) : '', indent)}${GAP}${line}\n`,
    );
    return `${beside ? '' : `${bold(name)}\n`}${cells.join('')}`;
  });
  return rows.join('');
}

/** Two lines per field: the values it takes, and its meaning. */
function fieldList(fields: readonly RecipeField[], { bold, dim }: Paint): string {
  return fields
    .map((field) => {
      const { path, when, type, required, description } = field;
      const without = 'default' in field ? `, ${JSON.stringify(field.default)} if left out` : '';
      const takes = `${type}${required ? ', required' : without}`;
      return `${bold(path)}${when === undefined ? '' : ` (${when})`}${GAP}${dim(takes)}\n    ${description}\n`;
    })
    .join('');
}
