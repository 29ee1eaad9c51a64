/** Ages on the page: all figures, estimated against true ages, errors by age, the cumulative score. */
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
import { headlineFigures, writeShare } from '../figure-text.js';
import { bandOf, figureCells, HALF, type MaybeSection, number, valueOrGap } from './texts.js';

export function figuresSection(evaluation: Evaluation): MaybeSection {
  const figures = headlineFigures(evaluation);
  if (figures.length === 0) return undefined;
  return {
    title: 'Figures',
    body: table({
      caption: 'All faces that were found',
      columns: [
        { title: 'figure' },
        number('value'),
        number('interval'),
        number('faces'),
        number('not found'),
      ],
      rows: figures.map(({ name, figure, n, notFoundShare, write }) => [
        name,
        ...figureCells(figure, write),
        formatNumber(n),
        writeShare(notFoundShare),
      ]),
    }),
  };
}

export function agesSection(evaluation: Evaluation): MaybeSection {
  const { all, density, errorsByAge } = evaluation;
  const plots = [
    ...(density.mean ? [estimatesByAge(density.mean)] : []),
    ...(errorsByAge.mean ? errorCurves(errorsByAge) : []),
    ...(all.age.mean || all.age.median ? [cumulativeScore(all.age)] : []),
  ];
  return plots.length === 0 ? undefined : { title: 'Ages', body: html`<div class="pair">${plots}</div>` };
}

/** The smallest range of ages that the plot shows, in years. */
const LEAST_DOMAIN = 20;

function estimatesByAge({ cells, cellYears }: NonNullable<Evaluation['density']['mean']>): Content {
  const oldest = cells.reduce((most, [age, estimate]) => Math.max(most, age, estimate), 0) + cellYears;
  return densityPlot({
    ...HALF,
    height: HALF.width - 24,
    caption: 'Estimated against true ages',
    description: `Faces in cells of ${cellYears} by ${cellYears} years, in a stronger colour for more faces; on the dashed line the estimate is right.`,
    xLabel: 'true age, years',
    yLabel: 'estimated age (mean), years',
    cell: cellYears,
    domain: [0, Math.max(LEAST_DOMAIN, 10 * Math.ceil(oldest / 10))],
    cells,
  });
}

/** The mean error of fewer faces depends more on them than on the model. */
const FEWEST = 5;

function errorCurves({ mean, median }: Evaluation['errorsByAge']): Content[] {
  // The last bin extends to the oldest face, but is drawn as wide as the others.
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
      `In bins of ${width} years with ${FEWEST} faces or more; bands are intervals.`,
    ),
    plot(
      'bias',
      'Bias by age',
      'Above 0 if faces are estimated too old, below 0 if too young; bands are intervals.',
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
    description: 'The share of faces with an error of at most this many years; bands are intervals.',
    xLabel: 'absolute error, years',
    yLabel: 'share of faces',
    yFormat: formatShare,
    xWhole: true,
    fromZero: true,
    upTo: 1,
    series: [...(mean ? [curve('mean', mean)] : []), ...(median ? [curve('median', median)] : [])],
  });
}
