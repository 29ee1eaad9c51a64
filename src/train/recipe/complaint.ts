/** What is wrong with a recipe, in a sentence: from zod's issues and the schema's own words. */
import type { z } from 'zod';
import { nearest, plainName, SHORTEST_PART, suggestion } from '../../names/index.js';
import { type RecipeField, recipeFields } from './fields.js';
import {
  alternatives,
  choices,
  expectation,
  meantShapes,
  type Path,
  pathText,
  recipeShape,
  shapesAt,
  shown,
  valueAt,
} from './shape.js';
import { isWholeSentence } from './whole-sentence.js';

/** A mistake and its place. */
export interface Complaint {
  readonly path: Path;
  /** Such as `stages.0.rate: expected a number above 0, found 'fast'`. */
  readonly text: string;
}

type Issue = z.core.$ZodIssue;

/**
 * The first mistake in a document that the schema rejected. Unknown keys come first, since a misspelt key is also a
 * missing one.
 */
export function complaint(issues: readonly Issue[], document: unknown): Complaint {
  const all = issues.flatMap((issue) => innermost(issue));
  const first = all.find(({ code }) => code === 'unrecognized_keys') ?? all[0]!;
  const path = first.path as Path;
  if (first.code === 'invalid_key') return wrongName(path, document);
  if (first.code === 'unrecognized_keys') return unknownKey(path, first.keys[0]!, document);
  return { path, text: `${path.length === 0 ? '' : `${pathText(path)}: `}${problem(first, path, document)}` };
}

/** For a union, the issues of the alternative that the value's kind selects. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys' || code === 'custom'),
  );
  return (meant ?? []).length === 0
    ? [issue]
    : meant!.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
}

function problem(issue: Issue, path: Path, document: unknown): string {
  const value = valueAt(document, path);
  const found = `found ${shown(value)}`;
  if (issue.code === 'custom') return isWholeSentence(issue) ? issue.message : `${issue.message}, ${found}`;
  const shapes = shapesAt(path, document);
  const names = shapes.flatMap((shape) => choices(shape) ?? []).filter((name) => typeof name === 'string');
  const advice = typeof value === 'string' ? suggestion(value, names) : '';
  return `expected ${expectation(shapes)}, ${found}${advice}`;
}

/** For a mapping with keys that must match a pattern. */
function wrongName(path: Path, document: unknown): Complaint {
  const mapping = path.slice(0, -1);
  const pattern = shapesAt(mapping, document).find(({ propertyNames }) => propertyNames)?.propertyNames
    ?.pattern;
  return {
    path,
    text: `${pathText(mapping)}: expected names that match ${pattern}, found ${shown(path.at(-1))}`,
  };
}

function unknownKey(path: Path, key: string, document: unknown): Complaint {
  const shapes = path.length === 0 ? alternatives(recipeShape()) : shapesAt(path, document);
  const known = [
    ...new Set(
      meantShapes(shapes, valueAt(document, path)).flatMap((shape) => Object.keys(shape.properties ?? {})),
    ),
  ];
  const full = [...path, key];
  const what = `${path.length === 0 ? '' : `${pathText(path)}: `}unknown key '${key}'`;
  return { path: full, text: `${what}; ${advice(key, known)}` };
}

function advice(key: string, known: readonly string[]): string {
  const here = nearest(key, known);
  const fields = recipeFields().map((field) => ({ field, last: plainName(field.path.split('.').at(-1)!) }));
  const exact = fields.find(({ last }) => last === plainName(key));
  if (exact !== undefined && plainName(here ?? '') !== plainName(key)) return place(exact.field);
  if (here !== undefined) return `did you mean '${here}'?`;
  const held = fields.find(({ last }) => last.length >= SHORTEST_PART && plainName(key).endsWith(last));
  if (held !== undefined) return place(held.field);
  return known.length === 0 ? 'expected none' : `expected ${known.map((name) => `'${name}'`).join(', ')}`;
}

function place({ path, when }: RecipeField): string {
  if (!path.includes('.')) return `it belongs at the top level: '${path}'`;
  return `it belongs at '${path}'${when === undefined ? '' : ` with ${when}`}`;
}
