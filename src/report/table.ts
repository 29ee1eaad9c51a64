/** Accessible tables (captions, headers with scope), and heat maps, whose cells are shaded by value. */
import { formatNumber } from './format.js';
import { figure } from './frame.js';
import { type Content, type Html, html } from './html.js';

export interface Column {
  readonly title: string;
  /** Numbers are right-aligned; words do not wrap. Default: text. */
  readonly kind?: 'text' | 'word' | 'number';
  /** A common heading above neighbouring columns. */
  readonly group?: string;
}

export interface Table {
  readonly caption: string;
  readonly description?: string;
  readonly columns: readonly Column[];
  /** The first cell of each row is its header. */
  readonly rows: readonly (readonly Content[])[];
}

export function table({ caption, description, columns, rows }: Table): Html {
  const kind = (i: number) => columns[i]?.kind ?? 'text';
  const head = columns.map(({ title }, i) => html`<th scope="col" class="${kind(i)}">${title}</th>`);
  const body = rows.map(([first, ...cells]) => {
    const data = cells.map((cell, i) => html`<td class="${kind(i + 1)}">${shown(cell)}</td>`);
    return html`<tr><th scope="row" class="${kind(0)}">${shown(first)}</th>${data}</tr>`;
  });
  // Name and value pairs need no column titles.
  const titled = columns.some(({ title }) => title !== '');
  const text = html`${titled && html`<thead>${groupRow(columns)}<tr>${head}</tr></thead>`}<tbody>${body}</tbody>`;
  return figure(caption, scrolling(caption, html`<table>${text}</table>`), description);
}

function groupRow(columns: readonly Column[]): Html | undefined {
  if (columns.every(({ group }) => group === undefined)) return undefined;
  const starts = columns.flatMap(({ group }, i) =>
    i === 0 || group === undefined || group !== columns[i - 1]!.group ? [i] : [],
  );
  const cells = starts.map((start, i) => {
    const span = (starts[i + 1] ?? columns.length) - start;
    const { group } = columns[start]!;
    return group === undefined
      ? html`<td></td>`
      : html`<th scope="colgroup" class="group" colspan="${span}">${group}</th>`;
  });
  return html`<tr>${cells}</tr>`;
}

const shown = (cell: Content) => (typeof cell === 'number' ? formatNumber(cell) : cell);

export interface HeatTable {
  readonly caption: string;
  readonly description?: string;
  /** The heading of the row names. */
  readonly corner: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** By row, then column; nonnegative, NaN for empty cells. The largest is shaded darkest. */
  readonly values: readonly (readonly number[])[];
  readonly format?: (value: number) => string;
  /** Whether to show row and column sums, which make sense for counts. */
  readonly totals?: boolean;
}

/** The shade of the largest cell in percent, at which text stays readable in both themes. */
const DARKEST = 62;

export function heatTable({ caption, description, corner, columns, rows, values, ...rest }: HeatTable): Html {
  const { format = formatNumber, totals = false } = rest;
  const sum = (cells: readonly number[]) => cells.reduce((all, value) => all + (value || 0), 0);
  const largest = Math.max(0, ...values.flat().filter(Number.isFinite));
  const head = [...columns, ...(totals ? ['all'] : [])];
  const body = rows.map((name, r) => {
    const cells = columns.map((_, c) => heatCell(values[r]![c]!, largest, format));
    const total = totals && html`<td class="number total">${format(sum(values[r]!))}</td>`;
    return html`<tr><th scope="row">${name}</th>${cells}${total}</tr>`;
  });
  const columnSums = columns.map((_, c) => sum(values.map((row) => row[c]!)));
  const foot =
    totals &&
    html`<tfoot><tr><th scope="row">all</th>${[...columnSums, sum(columnSums)].map(
      (value) => html`<td class="number total">${format(value)}</td>`,
    )}</tr></tfoot>`;
  const titles = head.map((name) => html`<th scope="col" class="number">${name}</th>`);
  const text = html`<thead><tr><th scope="col">${corner}</th>${titles}</tr></thead><tbody>${body}</tbody>${foot}`;
  return figure(caption, scrolling(caption, html`<table class="heat">${text}</table>`), description);
}

/** Shades follow the square root of the values, since small counts would all look empty. */
function heatCell(value: number, largest: number, format: (value: number) => string): Html {
  if (!Number.isFinite(value)) return html`<td class="number"></td>`;
  const shade = largest > 0 ? Math.round(DARKEST * Math.sqrt(value / largest)) : 0;
  return html`<td class="number" style="--shade:${shade}%">${format(value)}</td>`;
}

/** A table wider than the window scrolls, with the keyboard too. */
function scrolling(name: string, body: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${body}</div>`;
}
