/** The data sets as help lists them. */
import { READERS } from '../../data/about.js';
import { definitionList } from '../list.js';

/** One line per set. */
export const setList = (): string => definitionList(READERS.map(({ id, title }) => [id, title]));

/** The values of `--option` for a set; empty if its reader takes none, or there is no such set. */
export function optionList(set: string): string {
  const options = READERS.find(({ id }) => id === set)?.options ?? {};
  const lines = Object.entries(options).map(([name, { values, meaning }]) => {
    const choices = values
      ? `: ${values.map((value, i) => (i === 0 ? `${value} (default)` : value)).join(', ')}`
      : '';
    return `  ${name}${choices}\n      ${meaning}`;
  });
  return lines.join('\n');
}
