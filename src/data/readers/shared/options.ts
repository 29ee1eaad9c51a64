import { closest } from 'fastest-levenshtein';
import { DataError, type ReaderOptions } from '../../types.js';

/** The options that a reader knows: the values that each may have, the default first, or any text. */
type Choices = Readonly<Record<string, readonly [string, ...string[]] | 'text'>>;

type Chosen<C extends Choices> = {
  readonly [K in keyof C]: C[K] extends readonly (infer V)[] ? V : string | undefined;
};

/**
 * What was chosen: a default where an option was left out, undefined where it has none.
 * @throws DataError for an option or a value that the reader does not know.
 */
export function readOptions<const C extends Choices>(
  reader: string,
  options: ReaderOptions,
  choices: C,
): Chosen<C> {
  for (const [name, value] of Object.entries(options)) {
    const allowed = Object.hasOwn(choices, name) ? choices[name] : undefined;
    if (allowed === undefined) throw new DataError(`${reader}: ${unknownOption(name, Object.keys(choices))}`);
    if (allowed !== 'text' && !allowed.includes(value)) {
      const expected = allowed.join(' or ');
      throw new DataError(`${reader}: the option ${name} is expected to be ${expected}, found '${value}'`);
    }
  }
  const chosen = Object.entries(choices).map(([name, allowed]) => [
    name,
    options[name] ?? (allowed === 'text' ? undefined : allowed[0]),
  ]);
  return Object.fromEntries(chosen) as Chosen<C>;
}

function unknownOption(name: string, names: readonly string[]): string {
  if (names.length === 0) return `options are not known, found '${name}'`;
  return `the option '${name}' is not known; did you mean '${closest(name, names)}'?`;
}
