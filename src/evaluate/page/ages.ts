/** Ages on the page: told against true, errors along the ages, the cumulative score, and all figures. */
import {
  type Content,
  densityPlot,
  formatNumber,
  formatShare,
  html,
  linePlot,
  table,
} from '../../report/index.js';
import type { Evaluation, Section } from '../document.js';
import { headlineFigures } from '../figure-text.js';
import { bandOf, figureCells, HALF, type MaybeSection, number, valueOrGap } from './texts.js';

export function figuresSection(evaluation: Evaluation): MaybeSection {
  const figures = headlineFigures(evaluation);
  if (figures.length === 0) return undefined;
  return {
    title: 'Figures',
    body: table({
      caption: 'All faces that were found',
      columns: [{ title: 'figure' }, number('value'), number('interval'), number('faces')],
      rows: figures.map(({ name, figure, n, write }) => [
        name,
        ...figureCells(figure, write),
        formatNumber(n),
      ]),
    }),
  };
}

export function agesSection(evaluation: Evaluation): MaybeSection {
  const { all, density, errorsByAge } = evaluation;
  const plots = [
    ...(density.mean ? [toldOfAges(density.mean)] : []),
    ...(errorsByAge.mean ? errorCurves(errorsByAge) : []),
    ...(all.age.mean || all.age.median ? [cumulativeScore(all.age)] : []),
  ];
  return plots.length === 0 ? undefined : { title: 'Ages', body: html`<div class="pair">${plots}</div>` };
}

/** Ages beyond are few, and would leave little room for the others. */
const LEAST_DOMAIN = 20;

function toldOfAges({ cells, cellYears }: NonNullable<Evaluation['density']['mean']>): Content {
  const oldest = cells.reduce((most, [age, told]) => Math.max(most, age, told), 0) + cellYears;
  return densityPlot({
    ...HALF,
    height: HALF.width - 24,
    caption: 'Told ages against true ones',
    description: `Faces in cells of ${cellYears} by ${cellYears} years, the darker the more; on the dashed line the age told is the true one.`,
    xLabel: 'true age, years',
    yLabel: 'told age (mean), years',
    cell: cellYears,
    domain: [0, Math.max(LEAST_DOMAIN, 10 * Math.ceil(oldest / 10))],
    cells,
  });
}

/** The mean error of fewer faces says more about them than about the model. */
const FEWEST = 5;

function errorCurves({ mean, median }: Evaluation['errorsByAge']): Content[] {
  // The last bin is as wide as its oldest face wants it, and is drawn as the others are.
  const width = mean![0]!.to - mean![0]!.from;
  const curve = (figure: 'mae' | 'bias', all: NonNullable<typeof mean>, name: string) => {
    const bins = all.filter(({ n }) => n >= FEWEST);
    return {
      name,
      points: bins.map((bin): [number, number] => [bin.from + width / 2, valueOrGap(bin[figure].value)]),
      band: bins.map((bin) => bandOf(bin[figure])),
    };
  };
  const plot = (figure: 'mae' | 'bias', caption: string, description: string) =>
    linePlot({
      ...HALF,
      caption,
      description,
      xLabel: 'true age, years',
      yLabel: figure === 'mae' ? 'mean absolute error, years' : 'mean error, years',
      fromZero: true,
      series: [curve(figure, mean!, 'mean'), ...(median ? [curve(figure, median, 'median')] : [])],
    });
  return [
    plot(
      'mae',
      'Error by age',
      `Faces of ${width} years together, where they are ${FEWEST} or more; bands are intervals.`,
    ),
    plot(
      'bias',
      'Bias by age',
      'Above 0 where ages are told too old, below 0 where too young; bands are intervals.',
    ),
  ];
}

function cumulativeScore({ mean, median }: Evaluation['all']['age']): Content {
  const curve = (name: string, { figures }: Section) => {
    const steps = Object.entries(figures).flatMap(([key, figure]) =>
      /^cs\d+$/.test(key) ? [{ k: Number(key.slice(2)), figure }] : [],
    );
    return {
      name,
      points: steps.map(({ k, figure }): [number, number] => [k, valueOrGap(figure.value)]),
      band: steps.map(({ figure }) => bandOf(figure)),
    };
  };
  return linePlot({
    ...HALF,
    caption: 'Cumulative score (CS)',
    description: 'The share of faces whose age is told within so many years; bands are intervals.',
    xLabel: 'years off at most',
    yLabel: 'of faces',
    yFormat: formatShare,
    xWhole: true,
    fromZero: true,
    upTo: 1,
    series: [...(mean ? [curve('mean', mean)] : []), ...(median ? [curve('median', median)] : [])],
  });
}
