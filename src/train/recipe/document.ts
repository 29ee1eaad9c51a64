/** Recipes as text, and what a command line changes in them. */
import { isScalar, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { RecipeError } from './error.js';
import { recipeFields } from './fields.js';
import { isMapping, type Path, pathText, shown } from './shape.js';

/**
 * The plain data of a YAML 1.2 document (https://yaml.org/spec/1.2.2), which JSON is too. But `001`, as a data set may name
 * its people, is text.
 * @param file its name in messages
 * @throws RecipeError with line and column.
 */
export function readDocument(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong !== undefined) {
    const { line, col } = lineCounter.linePos(wrong.pos[0]);
    throw new RecipeError(`${file}: line ${line}, column ${col}: ${sentence(wrong, text)}`);
  }
  visit(document, {
    Pair(_, { key, value }) {
      if (value !== null || !isScalar(key) || key.type !== 'PLAIN' || !/^\w+:./.test(key.source ?? ''))
        return;
      const [name, rest] = key.source!.split(/:(.*)/s);
      const { line, col } = lineCounter.linePos(key.range![0]);
      throw new RecipeError(
        `${file}: line ${line}, column ${col}: expected a space after the colon ('${name}: ${rest}'), found '${key.source}'`,
      );
    },
    Scalar(_, scalar) {
      if (typeof scalar.value === 'number' && /^0\d+$/.test(scalar.source ?? ''))
        scalar.value = scalar.source;
    },
  });
  try {
    return document.toJS();
  } catch (error) {
    throw new RecipeError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function sentence({ code, message, pos: [start, end] }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') return `expected each key once, found '${text.slice(start, end)}' again`;
  if (code === 'MULTIPLE_DOCS') return 'expected one document, found several';
  return message.split('\n')[0]!;
}

/** A value set on the command line. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** As it was given: `stages.0.epochs=2`. */
  readonly text: string;
}

/**
 * Reads `stages.0.epochs=2`: a path with dots, and a value in YAML.
 * @throws RecipeError
 */
export function readOverride(text: string): Override {
  const at = text.indexOf('=');
  const keys = text.slice(0, Math.max(0, at)).split('.');
  if (at < 0 || keys.some((key) => key === '')) {
    throw new RecipeError(`--set ${text}: expected KEY=VALUE such as stages.0.epochs=2`);
  }
  const path = keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  return { path, value: readDocument(text.slice(at + 1), `--set ${text}`), text };
}

/**
 * A document with a value set; missing mappings on the way are created.
 * @throws RecipeError if something else is in the way, or a list has no such entry.
 */
export function override(document: unknown, { path, value, text }: Override): unknown {
  const set = (node: unknown, depth: number): unknown => {
    if (depth === path.length) return value;
    const key = path[depth]!;
    const where = depth === 0 ? 'a recipe' : pathText(path.slice(0, depth));
    if (Array.isArray(node)) {
      // An index just past the end appends; null there would remove nothing.
      const removes = value === null && depth === path.length - 1;
      const last = removes ? node.length - 1 : node.length;
      if (typeof key === 'number' && key <= last) {
        return Object.assign([...node], { [key]: set(node[key], depth + 1) });
      }
      throw new RecipeError(
        `--set ${text}: expected an entry of ${where} by its number, 0 to ${last}, found '${key}'`,
      );
    }
    if (node !== undefined && node !== null && !isMapping(node)) {
      throw new RecipeError(`--set ${text}: expected a mapping or a list at ${where}, found ${shown(node)}`);
    }
    const entries = Object.entries(node ?? {});
    const before = entries.find(([name]) => name === String(key))?.[1];
    return Object.fromEntries([...entries, [String(key), set(before, depth + 1)]]);
  };
  return set(document, 0);
}

/**
 * Removes what overrides set to null: a field then has its default, and a list entry, such as a stage, is dropped.
 * Entries keep their indices until all overrides are applied. A field that no recipe has stays, to be refused.
 */
export function withoutNulls(document: unknown, overrides: readonly Override[]): unknown {
  const nulls = overrides.filter(({ value, path }) => value === null && isKnown(path));
  const paths = new Set(nulls.map(({ path }) => path.join('.')));
  if (paths.size === 0) return document;
  const kept = (node: unknown, path: Path): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node)
      .map(([key, value]) => [key, value, [...path, key]] as const)
      .filter(([, value, own]) => !(value === null && paths.has(own.join('.'))))
      .map(([key, value, own]) => [key, kept(value, own)] as const);
    return Array.isArray(node) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  };
  return kept(document, []);
}

/** Whether recipes have such a field; the entries of lists are known to exist. */
function isKnown(path: Path): boolean {
  const field = path.map((key) => (typeof key === 'number' ? 'N' : key)).join('.');
  return typeof path.at(-1) === 'number' || recipeFields().some((known) => known.path === field);
}
