/** Comparisons as a page: a table for each data set, and one across data sets if there are several. */
import { formatNumber, html, renderPage, type Section, table } from '../report/index.js';
import { COMPARED, type ComparedModel, type Comparison, isDecided } from './compare.js';
import { CONSTANT_SHARES, rangeText, valueText, type Write, writeShare, writeYears } from './figure-text.js';

/** The whole document, in UTF-8. */
export function comparisonPage(comparisons: readonly Comparison[]): string {
  const sections: Section[] = [
    ...(comparisons.length > 1 ? [{ title: 'Across data sets', body: crossTable(comparisons) }] : []),
    ...comparisons.map((comparison) => ({
      title: comparedData(comparison),
      body: [
        html`<p>${comparisonText(comparison)}</p>`,
        comparison.notes.length > 0 &&
          html`<ul>${comparison.notes.map((note) => html`<li>${note}</li>`)}</ul>`,
        figureTable(comparison),
        differenceTable(comparison),
      ],
    })),
  ];
  return renderPage({
    title: 'Comparison of models',
    lead: comparisons[0]!.models.map(({ name }) => name).join(', '),
    sections,
    footer: 'Estimates are of apparent age; they are no proof of how old anybody is.',
  });
}

export const comparedData = ({ data: { title, part } }: Comparison): string =>
  part === null ? title : `${title}, part ‘${part}’`;

/** The faces behind figures and intervals, in sentences. */
export function comparisonText({ faces, common, bootstrap: b }: Comparison): string {
  const over = b.unit === 'face' ? 'faces' : `${formatNumber(b.units)} people`;
  return (
    `${formatNumber(faces)} faces; errors, gender and likelihood are over the ${formatNumber(common)} that every model found, ` +
    `age checks over all, where faces not found are referred. Intervals of ${100 * b.confidence}% by ${formatNumber(b.draws)} ` +
    `bootstrap draws over ${over}, seed ${b.seed}, the same draws for every model; ${CONSTANT_SHARES}.`
  );
}

/** The format of a compared figure. */
export const writeCompared = (name: string): Write => (COMPARED[name]!.isShare ? writeShare : writeYears);

/** The figures that at least one model has. */
export const comparedNames = ({ models }: Comparison): string[] =>
  Object.keys(COMPARED).filter((name) => models.some(({ figures }) => figures[name]!.value !== null));

const number = (title: string) => ({ title, kind: 'number' as const });

function figureTable(comparison: Comparison) {
  const names = comparedNames(comparison);
  const cell =
    ({ figures }: ComparedModel) =>
    (name: string) => {
      const write = writeCompared(name);
      return html`${valueText(figures[name], write)}<br><small>${rangeText(figures[name], write)}</small>`;
    };
  return table({
    caption: 'Figures and their intervals',
    columns: [{ title: 'model' }, number('not found'), ...names.map((name) => number(COMPARED[name]!.title))],
    rows: comparison.models.map((model) => [model.name, model.notFound, ...names.map(cell(model))]),
  });
}

function differenceTable(comparison: Comparison) {
  const names = comparedNames(comparison);
  const [first, ...others] = comparison.models;
  return (
    others.length > 0 &&
    table({
      caption: `Differences from ${first!.name}`,
      description: 'Paired: both models on the same draws. * marks an interval that does not contain 0.',
      columns: [{ title: 'model' }, ...names.map((name) => number(COMPARED[name]!.title))],
      rows: others.map(({ name: model, differences }) => [
        model,
        ...names.map((name) => differenceText(differences![name]!, writeCompared(name))),
      ]),
    })
  );
}

/** Such as `+0.31 (+0.12 to +0.49) *`. */
export function differenceText(difference: ComparedModel['figures'][string], write: Write): string {
  const signed: Write = (value) => `${value < 0 ? '−' : '+'}${write(Math.abs(value))}`;
  if (difference.value === null) return '–';
  const range = rangeText(difference, signed);
  return `${signed(difference.value)}${range && ` (${range})`}${isDecided(difference) ? ' *' : ''}`;
}

/** MAE of each model (row) on each data set, as benchmarks print it. */
function crossTable(comparisons: readonly Comparison[]) {
  return table({
    caption: 'Mean absolute error in years by training and test data',
    columns: [
      { title: 'model' },
      { title: 'trained on' },
      ...comparisons.map((one) => number(comparedData(one))),
    ],
    rows: crossRows(comparisons),
  });
}

/** Rows of a model, its training data and its MAE on each data set. */
export const crossRows = (comparisons: readonly Comparison[]): string[][] =>
  comparisons[0]!.models.map(({ name, trainedOn }, m) => [
    name,
    trainedOn ?? '–',
    ...comparisons.map(({ models }) => valueText(models[m]!.figures.mae, writeYears)),
  ]);
