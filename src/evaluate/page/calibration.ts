/** Calibration on the page: reliability of P(age ≥ t) and coverage of intervals. */
import { type Content, formatNumber, formatShare, html, linePlot, table } from '../../report/index.js';
import type { Evaluation, Reliability } from '../document.js';
import { dataText, writePlain, writeShare, writeYears } from '../figure-text.js';
import { figureCells, HALF, type MaybeSection, number, SHARE_AXES, valueOrGap } from './texts.js';

export function calibrationSection(evaluation: Evaluation): MaybeSection {
  const { reliability } = evaluation;
  const coverage = coverageTable(evaluation);
  if (reliability.length === 0 && coverage === undefined) return undefined;
  return {
    title: 'Calibration',
    body: [
      reliability.length > 0 &&
        html`<div class="pair">${[reliabilityPlot(reliability), errorTable(reliability)]}</div>`,
      coverage,
      reliability.length > 0 &&
        html`<details><summary>Faces in each bin</summary>${reliability.map(binTable)}</details>`,
    ],
  };
}

function reliabilityPlot(reliability: readonly Reliability[]): Content {
  return linePlot({
    ...HALF,
    height: HALF.width - 24,
    caption: 'Reliability',
    description:
      'How often age ≥ t was true, by its predicted probability; on the dashed line both are equal.',
    xLabel: 'predicted probability',
    yLabel: 'share true',
    ...SHARE_AXES,
    series: reliability.map(({ threshold, bins }) => ({
      name: `${threshold} or older`,
      points: bins.flatMap((bin): [number, number][] =>
        bin.n === 0 ? [] : [[valueOrGap(bin.predicted), valueOrGap(bin.true)]],
      ),
    })),
  });
}

function errorTable(reliability: readonly Reliability[]): Content {
  const bins = reliability[0]!.bins.length;
  return table({
    caption: 'Expected calibration error of P(age ≥ t)',
    description: `The mean distance of the predicted probability from the share true, over ${bins} bins of equal width.`,
    columns: [
      number('t'),
      number('faces'),
      number('error'),
      number('interval'),
      number('AUC'),
      number('interval'),
    ],
    rows: reliability.map(({ threshold, figures: { n, figures } }) => [
      threshold,
      formatNumber(n),
      ...figureCells(figures.calibrationError, writePlain),
      ...figureCells(figures.auc, writePlain),
    ]),
  });
}

function binTable({ threshold, bins }: Reliability): Content {
  return table({
    caption: `P(age ≥ ${threshold})`,
    columns: [{ title: 'bin', kind: 'word' }, number('faces'), number('predicted'), number('true')],
    rows: bins.map((bin) => [
      `${formatShare(bin.from)} to ${formatShare(bin.to)}`,
      formatNumber(bin.n),
      bin.predicted === null ? '–' : writeShare(bin.predicted),
      bin.true === null ? '–' : writeShare(bin.true),
    ]),
  });
}

const COVERAGE = /^coverage(\d+)$/;

function coverageTable(evaluation: Evaluation): Content {
  const {
    all: { knownAge, shape, faces },
    interval,
  } = evaluation;
  const shares = Object.keys(knownAge?.figures ?? {}).flatMap((name) => COVERAGE.exec(name)?.[1] ?? []);
  if (shares.length === 0) return undefined;
  return table({
    caption: 'Coverage of intervals',
    description: `The share of true ages inside the central interval of the distribution. Measured on ${dataText(evaluation)}: ${formatNumber(knownAge!.n)} faces of known ages; ${writeShare(faces.notFoundShare)} of all faces were not found.`,
    columns: [
      number('interval of'),
      number('covers'),
      number('interval'),
      number('width, years'),
      number('interval'),
    ],
    rows: shares
      .map((share) => [
        `${share}%`,
        ...figureCells(knownAge!.figures[`coverage${share}`], writeShare),
        ...figureCells(shape?.figures[`width${share}`], writeYears),
      ])
      .concat(
        interval
          ? [
              [
                `${formatShare(interval.coverage)}, calibrated`,
                ...figureCells(interval.figures.figures.coverage, writeShare),
                ...figureCells(interval.figures.figures.width, writeYears),
              ],
            ]
          : [],
      ),
  });
}
