/**
 * What the schema of recipes allows at a path, as data: JSON Schema (https://json-schema.org/draft/2020-12), which zod
 * makes of it. Messages and documentation are made from this, so that neither can say anything else than the schema.
 */
import { z } from 'zod';
import { recipeSchema } from './schema.js';

/** The part of JSON Schema that zod writes for recipes. */
export interface Shape {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  /** Of what a mapping holds whose keys are free. */
  readonly additionalProperties?: Shape | false;
  readonly propertyNames?: Shape;
  readonly items?: Shape | false;
  readonly prefixItems?: readonly Shape[];
  readonly minItems?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

export type Path = readonly (string | number)[];

let made: Shape | undefined;

/** Of a whole recipe, as it is written. */
export function recipeShape(): Shape {
  made ??= z.toJSONSchema(recipeSchema, { io: 'input' }) as Shape;
  return made;
}

/** What a shape is one of; itself if it is no union. */
export function alternatives(shape: Shape): readonly Shape[] {
  return (shape.anyOf ?? shape.oneOf)?.flatMap(alternatives) ?? [shape];
}

/** `stages.0.rate` */
export const pathText = (path: Path): string => path.join('.');

/** What stands at a path of a document; undefined if nothing does. */
export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      isMapping(value) || Array.isArray(value)
        ? Object.entries(value).find(([name]) => name === String(key))?.[1]
        : undefined,
    document,
  );
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What may stand at a path: several shapes in a union. Of alternatives that fields such as `kind` tell apart only those
 * count that the document may mean.
 */
export function shapesAt(path: Path, document: unknown): readonly Shape[] {
  return path.reduce<readonly Shape[]>((shapes, key, depth) => {
    const meant = meantShapes(shapes, valueAt(document, path.slice(0, depth)), key);
    return meant.flatMap((shape) => childOf(shape, key)).flatMap(alternatives);
  }, alternatives(recipeShape()));
}

/** The alternatives that fit what fields with one or a few possible values say, but for the field that is asked for. */
export function meantShapes(
  shapes: readonly Shape[],
  value: unknown,
  asked?: string | number,
): readonly Shape[] {
  const fits = (shape: Shape) =>
    Object.entries(shape.properties ?? {}).every(([key, property]) => {
      const allowed = choices(property);
      if (allowed === undefined || key === asked || !shape.required?.includes(key)) return true;
      return allowed.includes(valueAt(value, [key]));
    });
  const fitting = shapes.filter(fits);
  return fitting.length > 0 ? fitting : shapes;
}

function childOf(
  { properties, additionalProperties, prefixItems, items }: Shape,
  key: string | number,
): Shape[] {
  const known = Object.entries(properties ?? {}).find(([name]) => name === String(key))?.[1];
  const child = known ?? prefixItems?.[Number(key)] ?? (items || additionalProperties || undefined);
  return child ? [child] : [];
}

/** The values that a shape is one of; undefined if they are not listed. */
export const choices = (shape: Shape): readonly unknown[] | undefined =>
  'const' in shape ? [shape.const] : shape.enum;

/** What is expected of a value: `an integer from 1 to 100`, `one of 'sgd', 'adam'`, `a list`. */
export function expectation(shapes: readonly Shape[]): string {
  const listed = shapes.flatMap((shape) => choices(shape) ?? []);
  const others = shapes.filter((shape) => choices(shape) === undefined).map(kindText);
  const values = listed.length === 0 ? [] : [joined(listed.map(shown))];
  return [...new Set([...values, ...others])].join(', or ');
}

function kindText(shape: Shape): string {
  switch (shape.type) {
    case 'integer':
      return `a whole number${rangeText(shape)}`;
    case 'number':
      return `a number${rangeText(shape)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return shape.pattern === undefined ? 'text' : `text that matches ${shape.pattern}`;
    case 'array':
      return listText(shape);
    default:
      return 'a mapping';
  }
}

function listText({ prefixItems, minItems, items }: Shape): string {
  if (prefixItems !== undefined) {
    const whole = prefixItems.every(({ type }) => type === 'integer');
    return `a list of ${prefixItems.length} ${whole ? 'whole numbers' : 'numbers'}`;
  }
  const what = items ? ` of ${alternatives(items).map(pluralText).join(' or ')}` : '';
  return `a list${what}${minItems === undefined ? '' : `, ${minItems} or more`}`;
}

function pluralText({ type, prefixItems }: Shape): string {
  if (prefixItems !== undefined) return 'pairs';
  const plural = { integer: 'whole numbers', number: 'numbers', string: 'texts' } as const;
  return plural[type as keyof typeof plural] ?? 'mappings';
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Shape): string {
  const least = Math.abs(minimum ?? Infinity) < Number.MAX_SAFE_INTEGER ? minimum : undefined;
  const most = Math.abs(maximum ?? Infinity) < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const bounds = [
    least !== undefined && `of at least ${least}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    most !== undefined && `of at most ${most}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter((bound) => bound !== false);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

const joined = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;

/** What is quoted of a long value, in characters. */
const LONGEST = 60;

/** A value as a sentence quotes it. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return typeof value === 'string' ? `'${short}'` : short;
}
