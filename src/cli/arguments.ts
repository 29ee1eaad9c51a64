/** Parsers of arguments that several commands take. */
import { InvalidArgumentError } from 'commander';

/** Parses an integer from `least` to `most`, neither below 0. */
export const wholeNumber = (least: number, most: number) => numberOf(/^\d+$/, 'whole number', least, most);

/** Parses a decimal number from `least` to `most`. */
export const anyNumber = (least: number, most: number) => numberOf(/^-?\d+(\.\d+)?$/, 'number', least, most);

function numberOf(form: RegExp, name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (form.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a ${name} from ${least} to ${most}.`);
  };
}

/** Refuses `-`, by which other programs mean standard output: only results for people, JSON and CSV of estimates go there. */
export function outputPath(path: string): string {
  if (path !== '-') return path;
  throw new InvalidArgumentError(
    "Expected a name, since it is not written to standard output; './-' names a file.",
  );
}

/** Collects the values of a repeated option. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Collects the values of a repeated option of the form key=value. */
export function collectOption(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('Expected key=value.');
  return { ...before, [key]: value! };
}
