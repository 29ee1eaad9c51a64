/** What the best weights say of the validation part by classes: confusion matrices, and the figures of each class. */
import { type ClassFigures, type Confusion, classFigures, matrixFigures } from '../../metrics/index.js';
import { type Content, formatNumber, formatShare, heatTable, html, table } from '../../report/index.js';
import type { ConfusionEntry } from './types.js';

export function classTables({ epoch, age, gender }: ConfusionEntry): Content {
  return [
    html`<p>Of the validation part, by the weights after epoch ${epoch}.</p>`,
    age && tables('Ages', age),
    gender && tables('Genders', gender),
  ];
}

const COLUMNS = ['precision', 'recall', 'f1'] as const;
const TITLES = { precision: 'precision', recall: 'recall', f1: 'F1' } as const;

/** Classes that were neither true nor predicted for any face are left out. */
function tables(what: string, { labels, counts }: Confusion): Content {
  const matrix = { size: labels.length, counts: Float64Array.from(counts.flat()) };
  const figures = classFigures(matrix);
  const used = [...labels.keys()].filter((k) => figures[k]!.support > 0 || figures[k]!.predicted > 0);
  const names = used.map((k) => labels[k]!);
  const all = matrixFigures(matrix);
  const mean = (kind: 'macro' | 'weighted') =>
    [all[`${kind}Precision`], all[`${kind}Recall`], all[`${kind}F1`]].map((value) => digits(value!));
  const faces = formatNumber(used.reduce((sum, k) => sum + figures[k]!.support, 0));
  return html`<div class="pair">${[
    heatTable({
      caption: `${what}: true and predicted`,
      description: 'Faces by true class (row) and predicted class (column).',
      corner: 'true',
      columns: names,
      rows: names,
      values: used.map((k) => used.map((j) => counts[k]![j]!)),
      totals: true,
    }),
    table({
      caption: `${what}: figures of each class`,
      description: `Accuracy ${formatShare(all.accuracy!)}${labels.length > 2 ? `, with neighbouring classes ${formatShare(all.oneOff!)}` : ''}.`,
      columns: [
        { title: 'class', kind: 'word' },
        ...[...COLUMNS.map((name) => TITLES[name]), 'faces'].map((title) => ({
          title,
          kind: 'number' as const,
        })),
      ],
      rows: [
        ...used.map((k) => [labels[k]!, ...classCells(figures[k]!)]),
        ['mean of classes', ...mean('macro'), faces],
        ['mean of faces', ...mean('weighted'), faces],
      ],
    }),
  ]}</div>`;
}

/** A class without faces has no recall, and one never predicted has no precision. */
function classCells({ precision, recall, f1, support, predicted }: ClassFigures): string[] {
  return [
    predicted > 0 ? digits(precision) : '–',
    support > 0 ? digits(recall) : '–',
    digits(f1),
    formatNumber(support),
  ];
}

const digits = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');
