/** Age and gender classes on the page: confusion, ROC, and the figures of each class. */
import { type Content, formatNumber, heatTable, html, linePlot, table } from '../../report/index.js';
import type { Classification, Evaluation, Figure } from '../document.js';
import { figureText, rangeText, valueText, writePlain, writeShare } from '../figure-text.js';
import { HALF, type MaybeSection, number, SHARE_AXES } from './texts.js';

export function classesSection({ classes, all: { faces } }: Evaluation): MaybeSection {
  const sets = Object.entries(classes).flatMap(([name, ways]) => {
    const [first] = ways;
    return first === undefined ? [] : [{ name, first, ways }];
  });
  if (sets.length === 0) return undefined;
  const body = sets.map(({ name, first, ways }, i) => {
    const content = [comparison(name, ways, faces.notFoundShare), classification(`Classes ${name}`, first)];
    // One set of classes is enough for most readers.
    return i === 0 ? content : html`<details><summary>Classes ${name}</summary>${content}</details>`;
  });
  return { title: 'Age classes', body };
}

export function genderSection({ gender, all: { faces } }: Evaluation): MaybeSection {
  if (gender === null) return undefined;
  const { figures, threshold } = gender;
  const written = (name: string) => figureText(figures.figures[name], writeShare);
  return {
    title: 'Gender',
    body: [
      html`<p>Female if P(female) ≥ ${formatNumber(threshold)}. Accuracy on ${formatNumber(figures.n)} faces (${writeShare(faces.notFoundShare)} of all were not found): ${written('accuracy')}; mean of both genders: ${written('balancedAccuracy')}.</p>`,
      classification('Gender', gender),
    ],
  };
}

const WAYS = {
  probability: 'the most probable class',
  mean: 'the class of the mean',
  median: 'the class of the median',
} as const;

/** The accuracy of each way to predict a class. */
function comparison(name: string, ways: readonly Classification[], notFoundShare: number): Content {
  return table({
    caption: `Classes ${name}: accuracy`,
    description: 'One-off also counts neighbouring classes as right.',
    columns: [
      { title: 'prediction' },
      number('faces'),
      number('not found'),
      number('exact'),
      number('interval'),
      number('one-off'),
      number('interval'),
      number('macro F1'),
    ],
    rows: ways.map(({ by, figures: { n, figures } }) => [
      WAYS[by],
      formatNumber(n),
      writeShare(notFoundShare),
      valueText(figures.accuracy, writeShare),
      rangeText(figures.accuracy, writeShare),
      valueText(figures.oneOff, writeShare),
      rangeText(figures.oneOff, writeShare),
      valueText(figures.macroF1, writePlain),
    ]),
  });
}

/** More curves could not be distinguished. */
const CURVES = 5;

const FIGURES = [
  ['precision', 'precision'],
  ['recall', 'recall'],
  ['F1', 'f1'],
  ['AUC', 'auc'],
] as const;

/** Means over all classes; the last is over every class of every face, of which the predicted ones are as many as the right ones. */
const MEANS: readonly (readonly [name: string, figures: readonly (string | undefined)[]])[] = [
  ['mean of classes (macro)', ['macroPrecision', 'macroRecall', 'macroF1', 'macroAuc']],
  ['mean of faces (weighted)', ['weightedPrecision', 'weightedRecall', 'weightedF1', undefined]],
  ['all together (micro)', ['accuracy', 'accuracy', 'accuracy', 'microAuc']],
];

const figureCells = (figure: Figure | undefined): string[] => [
  valueText(figure, writePlain),
  rangeText(figure, writePlain),
];

function classification(
  what: string,
  { labels, confusion, classes, averageRocs, figures: all }: Classification,
): Content {
  const curves = classes.flatMap(({ label, roc, figures }) =>
    roc === undefined
      ? []
      : [
          {
            name: `${label} (AUC ${valueText(figures.auc, writePlain)})`,
            points: roc,
          },
        ],
  );
  const count = Math.ceil(curves.length / CURVES);
  const size = Math.ceil(curves.length / Math.max(1, count));
  const rocs = Array.from({ length: count }, (_, i) =>
    linePlot({
      ...HALF,
      caption: `${what}: ROC${count > 1 ? `, ${i + 1} of ${count}` : ''}`,
      description: 'Each class against the rest.',
      xLabel: 'false positives',
      yLabel: 'true positives',
      ...SHARE_AXES,
      series: curves.slice(i * size, (i + 1) * size),
    }),
  );
  const averages =
    averageRocs &&
    linePlot({
      ...HALF,
      caption: `${what}: ROC, averages`,
      description:
        'The mean curve of the classes (macro), and that of all pairs of a face and a class (micro).',
      xLabel: 'false positives',
      yLabel: 'true positives',
      ...SHARE_AXES,
      series: (['macro', 'micro'] as const).map((kind) => ({
        name: `${kind} (AUC ${valueText(all.figures[`${kind}Auc`], writePlain)})`,
        points: averageRocs[kind],
      })),
    });
  return [
    heatTable({
      caption: `${what}: confusion`,
      description:
        'Faces by true class (row) and predicted class (column); right predictions are on the diagonal.',
      corner: 'true',
      columns: labels,
      rows: labels,
      values: confusion,
      totals: true,
    }),
    table({
      caption: `${what}: each class`,
      columns: [
        { title: 'class', kind: 'word' },
        number('faces'),
        ...FIGURES.flatMap(([title]) => [number('value', title), number('interval', title)]),
      ],
      rows: [
        ...classes.map(({ label, n, figures }) => [
          label,
          formatNumber(n),
          ...FIGURES.flatMap(([, name]) => figureCells(figures[name])),
        ]),
        ...MEANS.map(([name, figures]) => [
          name,
          formatNumber(all.n),
          ...figures.flatMap((figure) => figureCells(figure === undefined ? undefined : all.figures[figure])),
        ]),
      ],
    }),
    html`<div class="pair">${rocs}${averages}</div>`,
  ];
}
