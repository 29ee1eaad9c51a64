/** Updates the table of fields in docs/RECIPES.md: npx tsx scripts/docs/recipe-fields.ts */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecipeField, recipeFields } from '../../src/train/index.js';

export const DOCUMENT = join(import.meta.dirname, '../../docs/RECIPES.md');

const BEGIN = '<!-- fields: made by scripts/docs/recipe-fields.ts -->';
const END = '<!-- end of fields -->';

/** A document with its table replaced by what the schema says. */
export function withFields(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`Expected the lines '${BEGIN}' and '${END}', found neither`);
  return `${document.slice(0, begin + BEGIN.length)}\n${fieldTable()}${document.slice(end)}`;
}

function fieldTable(): string {
  const head = '| field | takes | if left out | what it is |\n|---|---|---|---|\n';
  return head + recipeFields().map(row).join('');
}

function row({ path, when, type, required, description, ...rest }: RecipeField): string {
  const name = `\`${path}\`${when === undefined ? '' : `, ${when}`}`;
  const without = required ? 'required' : 'default' in rest ? `\`${JSON.stringify(rest.default)}\`` : '–';
  return `| ${[name, type, without, description].map(cell).join(' | ')} |\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

if (process.argv[1] === import.meta.filename) {
  await writeFile(DOCUMENT, withFields(await readFile(DOCUMENT, 'utf8')));
}
