/** `--classes` of commands that measure: a named set of age groups, or groups of one's own. */
import { type AgeClass, CLASS_SETS, classesProblem, OLDEST } from '../age/index.js';
import { UsageError } from './usage.js';

/**
 * The classes of a name, or of ranges separated by commas: `0-12,13-17,18+`.
 * @throws UsageError for anything else
 */
export function classSet(text: string): readonly AgeClass[] {
  if (Object.hasOwn(CLASS_SETS, text)) return CLASS_SETS[text as keyof typeof CLASS_SETS];
  const classes = text.split(',').map((range): AgeClass | undefined => {
    const [, from, to, open] = /^\s*(\d{1,3})(?:-(\d{1,3})|(\+))?\s*$/.exec(range) ?? [];
    if (from === undefined) return undefined;
    return { from: Number(from), to: open ? OLDEST : Number(to ?? from) };
  });
  if (classes.includes(undefined)) {
    const names = Object.keys(CLASS_SETS).join(', ');
    throw new UsageError(`--classes: expected ${names}, or ranges such as 0-12,13-17,18+, found '${text}'`);
  }
  const problem = classesProblem(classes as AgeClass[]);
  if (problem !== undefined) throw new UsageError(`--classes: ${problem}`);
  return classes as AgeClass[];
}

/** Several sets by their names; undefined where none was asked for. */
export const classSets = (
  texts: readonly string[] | undefined,
): Readonly<Record<string, readonly AgeClass[]>> | undefined =>
  texts && Object.fromEntries(texts.map((text) => [text, classSet(text)]));
