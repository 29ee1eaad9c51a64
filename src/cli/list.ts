/** Lists of names and their meanings, as help shows them. */
import { wrapped } from './text.js';

const WIDTH = 80;
const INDENT = '  ';

/** One name per line, indented, with its meaning beside it, wrapped at 80 columns. */
export function definitionList(entries: readonly (readonly [name: string, meaning: string])[]): string {
  const widest = Math.max(...entries.map(([name]) => name.length));
  const hanging = `\n${' '.repeat(2 * INDENT.length + widest)}`;
  const room = WIDTH - hanging.length + 1;
  return entries
    .map(
      ([name, meaning]) => `${INDENT}${name.padEnd(widest)}${INDENT}${wrapped(meaning, room).join(hanging)}`,
    )
    .join('\n');
}
