/** Facts under their dimmed names, indented; longer ones are wrapped at the terminal's width. */
import { type Paint, padEnd, widthOf, wrapped } from './text.js';

const GAP = '  ';

export function factList(
  facts: readonly (readonly [name: string, text: string])[],
  { dim, columns = Number.POSITIVE_INFINITY }: Paint,
): string {
  const widest = Math.max(...facts.map(([name]) => widthOf(name)));
  const indent = GAP.length + widest + GAP.length;
  const hanging = `\n${' '.repeat(indent)}`;
  return facts
    .map(([name, text]) => {
      const lines = wrapped(text, columns - indent);
      return `${GAP}${dim(padEnd(name, widest))}${GAP}${lines.join(hanging)}\n`;
    })
    .join('');
}
