/** Robustness on the page: the error over each kind of change, and how far the views of one face lie apart. */
import { type Content, formatNumber, html, linePlot, table } from '../../report/index.js';
import type { Evaluation, Figure, Robustness } from '../document.js';
import { writeYears } from '../figure-text.js';
import { CHANGE_KINDS, levelText, VIEW_SHIFT } from '../robustness/index.js';
import { bandOf, figureCells, HALF, type MaybeSection, number, valueOrGap } from './texts.js';

export function robustnessSection({ robustness }: Evaluation): MaybeSection {
  if (robustness === undefined) return undefined;
  const { faces, units } = robustness;
  const people = units < faces ? ` of ${formatNumber(units)} people` : '';
  return {
    title: 'Robustness',
    body: [
      html`<p>${formatNumber(faces)} faces${people} that were found and have an age, drawn by the seed, shown to the model under one change at a time.</p>`,
      html`<div class="pair">${robustness.curves.filter(({ levels }) => levels.length > 1).map((curve) => errorCurve(curve, robustness))}</div>`,
      changeTable(robustness),
      viewTable(robustness),
    ],
  };
}

type Curve = Robustness['curves'][number];

/** The level that changes nothing stands in its place on the scale, or before all others. */
function steps({ kind, levels }: Curve, plain: Figure): { readonly name: string; readonly mae: Figure }[] {
  const { usual } = CHANGE_KINDS[kind]!;
  const changed = levels.map(({ level, mae }) => ({ level, name: formatNumber(level), mae }));
  if (usual === undefined) return [{ name: 'as it is', mae: plain }, ...changed];
  return [...changed, { level: usual, name: formatNumber(usual), mae: plain }].sort(
    (a, b) => a.level - b.level,
  );
}

function errorCurve(curve: Curve, { plain }: Robustness): Content {
  const { title, unit } = CHANGE_KINDS[curve.kind]!;
  const shown = steps(curve, plain);
  return linePlot({
    ...HALF,
    height: 230,
    caption: title,
    xLabel: unit,
    yLabel: 'mean absolute error, years',
    fromZero: true,
    xNames: shown.map(({ name }) => name),
    series: [
      {
        name: 'mean',
        points: shown.map(({ mae }, i): [number, number] => [i, valueOrGap(mae.value)]),
        band: shown.map(({ mae }) => bandOf(mae)),
      },
    ],
  });
}

const writeChange = (years: number): string => `${years < 0 ? '−' : '+'}${writeYears(Math.abs(years))}`;

function changeTable({ plain, curves, faces }: Robustness): Content {
  return table({
    caption: 'Error under changes',
    description: `In years, of ${formatNumber(faces)} faces; the added error is from paired draws.`,
    columns: [
      { title: 'change', kind: 'word' },
      number('MAE'),
      number('interval'),
      number('added'),
      number('interval'),
    ],
    rows: [
      ['none', ...figureCells(plain, writeYears), '', ''],
      ...curves.flatMap(({ kind, levels }) =>
        levels.map(({ level, mae, change }) => [
          `${CHANGE_KINDS[kind]!.title} ${levelText(kind, level)}`.trim(),
          ...figureCells(mae, writeYears),
          ...figureCells(change, writeChange),
        ]),
      ),
    ],
  });
}

function viewTable({ views: { count, deviation, range, flip } }: Robustness): Content {
  return table({
    caption: 'Views of one face',
    description: `Ages predicted for the ${count} views of a face: as it is and shifted by ${formatNumber(100 * VIEW_SHIFT)}% of the crop to each side, and the mirror images of these; in years, in the mean over faces.`,
    columns: [{ title: '' }, number('years'), number('interval')],
    rows: [
      ['standard deviation', ...figureCells(deviation, writeYears)],
      ['youngest to oldest', ...figureCells(range, writeYears)],
      ['mirror image off by', ...figureCells(flip, writeYears)],
    ],
  });
}
