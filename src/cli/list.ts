/** Lists of names and their meanings, as help shows them. */

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

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
