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
import { jsonText, lookOf, type Paint, padEnd, paint, widthOf } from './text.js';
import { UsageError } from './usage.js';

export async function runRecipes(name: string | undefined, flags: RecipesFlags): Promise<void> {
  if (name !== undefined && flags.fields) {
    throw new UsageError(`--fields lists the fields of all recipes; expected no recipe, found '${name}'`);
  }
  await new Console().print(await text(name, flags));
}

async function text(name: string | undefined, { fields, json }: RecipesFlags): Promise<string> {
  const { colours, columns } = lookOf(process.stdout);
  const style = paint(colours);
  if (fields) return json ? jsonLines(recipeFields()) : fieldList(recipeFields(), style);
  if (name !== undefined) return json ? jsonLines([await loadRecipe(name)]) : recipeText(name);
  const recipes = await Promise.all((await shippedRecipes()).map((shipped) => loadRecipe(shipped)));
  if (json)
    return jsonLines(recipes.map(({ name, title, source, reports }) => ({ name, title, source, reports })));
  return recipeTable(recipes, style, columns);
}

const jsonLines = (values: readonly object[]): string => values.map(jsonText).join('');

const GAP = '  ';
/** The width of text that does not go to a terminal. */
const COLUMNS = 120;
/** The least width of text on a narrow terminal. */
const NARROWEST = 30;

/** A row for each recipe: its name, what it trains, and below that what its source reports. */
function recipeTable(recipes: readonly Recipe[], { bold, dim }: Paint, columns = COLUMNS): string {
  const widest = Math.max(...recipes.map(({ name }) => widthOf(name)));
  const room = Math.max(NARROWEST, columns - widest - GAP.length);
  const rows = recipes.map(({ name, title, reports }) => {
    const lines = [...wrapped(title, room), ...wrapped(`reported: ${reports}`, room).map(dim)];
    return lines.map((line, i) => `${padEnd(i === 0 ? bold(name) : '', widest)}${GAP}${line}\n`).join('');
  });
  return rows.join('');
}

/** Wraps text into lines of at most `width` columns; longer words get a line of their own. */
function wrapped(words: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
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
