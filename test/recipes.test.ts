/** `agewise recipes`, and what is written about recipes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENT, withFields } from '../scripts/docs/recipe-fields.js';
import { readRecipe, recipeFields, shippedRecipes } from '../src/train/index.js';
import { agewise } from './support/command.js';

const RECIPES = join(import.meta.dirname, '../recipes');

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-recipes-'));
});
afterAll(() => rm(cwd, { recursive: true }));

const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('agewise recipes', () => {
  it('lists all shipped recipes, with what they train and what was reported', async () => {
    const { code, stdout } = await agewise(['recipes'], { cwd });
    expect(code).toBe(0);
    for (const name of await shippedRecipes()) expect(stdout).toMatch(new RegExp(`^${name} +\\S`, 'm'));
    expect(stdout).toContain('reported: 32.1% of 14 age groups right');
  });

  it('lists them as JSON lines', async () => {
    const { stdout } = await agewise(['recipes', '--json'], { cwd });
    const names = lines(stdout).map((recipe) => (recipe as { name: string }).name);
    expect(names).toEqual(await shippedRecipes());
  });

  it('prints one as it is written', async () => {
    const { code, stdout } = await agewise(['recipes', 'wrn-16-8-imdb-wiki'], { cwd });
    expect([code, stdout]).toEqual([0, await readFile(join(RECIPES, 'wrn-16-8-imdb-wiki.yaml'), 'utf8')]);
  });

  it('prints every value of one as JSON', async () => {
    await writeFile(join(cwd, 'own.yaml'), await readFile(join(RECIPES, 'lenet-groups-14.yaml')));
    const { stdout } = await agewise(['recipes', 'own.yaml', '--json'], { cwd });
    expect(lines(stdout)).toEqual([
      expect.objectContaining({ name: 'lenet-groups-14', seed: 0, members: 1 }),
    ]);
  });

  it('lists every field', async () => {
    const [text, json] = await Promise.all([
      agewise(['recipes', '--fields'], { cwd }),
      agewise(['recipes', '--fields', '--json'], { cwd }),
    ]);
    expect(text.stdout).toContain(
      'stages.N.rate  a number above 0 and below 1000, required\n    the highest learning rate',
    );
    expect(lines(json.stdout)).toEqual(JSON.parse(JSON.stringify(recipeFields())));
  });

  it.each([
    [
      ['recipes', 'lenet-group-14'],
      "lenet-group-14: expected a .yaml, .yml or .json file or the name of a shipped recipe; did you mean 'lenet-groups-14'? ('agewise recipes' lists them)",
    ],
    [['recipes', 'lenet-5.yaml'], 'lenet-5.yaml: no such file'],
    [
      ['recipes', 'lenet-groups-14', '--fields'],
      "--fields lists the fields of all recipes; expected no recipe, found 'lenet-groups-14'",
    ],
  ])('reports what is wrong: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await agewise(args, { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`agewise: ${sentence}`);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('docs/RECIPES.md', () => {
  it('has all fields of the schema (npx tsx scripts/docs/recipe-fields.ts updates them)', async () => {
    const document = await readFile(DOCUMENT, 'utf8');
    expect(document).toBe(withFields(document));
  });

  it('shows valid recipes', async () => {
    const shown = [...(await readFile(DOCUMENT, 'utf8')).matchAll(/```yaml\n(.*?)```/gs)];
    expect(shown.length).toBeGreaterThan(0);
    for (const [, text] of shown) expect(() => readRecipe(text!, 'shown')).not.toThrow();
  });
});
