/** Rows of short cells in columns as wide as their widest cell, under bold titles. */
import { type Paint, padEnd, padStart, widthOf } from './text.js';

export interface AlignedColumn {
  readonly title: string;
  /** Numbers stand at the right. Default: left. */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** @param rows cells may be styled; each is one line of text, made safe by the caller */
export function alignedTable(
  columns: readonly AlignedColumn[],
  rows: readonly (readonly string[])[],
  { bold }: Paint,
): string {
  const widths = columns.map(({ title }, i) => Math.max(...[title, ...rows.map((r) => r[i]!)].map(widthOf)));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) =>
      columns[i]!.align === 'right' ? padStart(cell, widths[i]!) : padEnd(cell, widths[i]!),
    );
    return `${padded.join(GAP).trimEnd()}\n`;
  };
  return line(columns.map(({ title }) => bold(title))) + rows.map(line).join('');
}
