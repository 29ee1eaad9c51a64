/** Rows of short cells in columns as wide as their widest cell, under bold titles. */
import { type Paint, padEnd, padStart, widthOf } from './text.js';

export interface AlignedColumn {
  readonly title: string;
  /** Numbers stand at the right. Default: left. */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/**
 * A table that is wider than the terminal is written in blocks of columns, each beginning with the first one.
 * @param rows cells may be styled; each is one line of text, made safe by the caller
 */
export function alignedTable(
  columns: readonly AlignedColumn[],
  rows: readonly (readonly string[])[],
  { bold, columns: terminal = Number.POSITIVE_INFINITY }: Paint,
): string {
  const widths = columns.map(({ title }, i) => Math.max(...[title, ...rows.map((r) => r[i]!)].map(widthOf)));
  const titles = columns.map(({ title }) => bold(title));
  return blocksOf(widths, terminal)
    .map((block) => {
      const line = (cells: readonly string[]) => {
        const padded = block.map((i) =>
          columns[i]!.align === 'right' ? padStart(cells[i]!, widths[i]!) : padEnd(cells[i]!, widths[i]!),
        );
        return `${padded.join(GAP).trimEnd()}\n`;
      };
      return line(titles) + rows.map(line).join('');
    })
    .join('\n');
}

/** The numbers of the columns of each block: the first, and at least one other. */
function blocksOf(widths: readonly number[], terminal: number): number[][] {
  const blocks = [[0]];
  let taken = widths[0]!;
  for (let i = 1; i < widths.length; i++) {
    const width = GAP.length + widths[i]!;
    if (taken + width > terminal && blocks.at(-1)!.length > 1) {
      blocks.push([0]);
      taken = widths[0]!;
    }
    blocks.at(-1)!.push(i);
    taken += width;
  }
  return blocks;
}
