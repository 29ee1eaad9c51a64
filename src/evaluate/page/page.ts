/** An evaluation as a self-contained page. */
import {
  formatNumber,
  gallery,
  type Html,
  html,
  renderPage,
  type Section,
  table,
} from '../../report/index.js';
import type { Evaluation, WorstFace } from '../document.js';
import {
  bootstrapText,
  CONSTANT_SHARES,
  dataText,
  headlineFigures,
  rangeText,
  valueText,
  writeShare,
} from '../figure-text.js';
import { agesSection, figuresSection } from './ages.js';
import { calibrationSection } from './calibration.js';
import { checksSection } from './checks.js';
import { classesSection, genderSection } from './classes.js';
import { groupsSection } from './groups.js';
import { robustnessSection } from './robustness.js';
import { type MaybeSection, number } from './texts.js';

export interface EvaluationPageOptions {
  /** Pictures of the worst faces by file, as `data:image/` URLs. */
  readonly pictures?: ReadonlyMap<string, string>;
}

/** The whole document, in UTF-8. */
export function evaluationPage(evaluation: Evaluation, { pictures }: EvaluationPageOptions = {}): string {
  const { origin } = evaluation;
  const sections: MaybeSection[] = [
    notesSection(evaluation),
    figuresSection(evaluation),
    agesSection(evaluation),
    groupsSection(evaluation),
    classesSection(evaluation),
    genderSection(evaluation),
    calibrationSection(evaluation),
    checksSection(evaluation),
    robustnessSection(evaluation),
    worstSection(evaluation.worst, pictures),
    factsSection(evaluation),
  ];
  return renderPage({
    title: origin === undefined ? 'Evaluation' : `${origin.name} on ${origin.data.title}`,
    lead: lead(evaluation),
    facts: headline(evaluation),
    sections: sections.filter((section): section is Section => section !== undefined),
    footer: 'Estimates are of apparent age; they are no proof of how old anybody is.',
  });
}

function lead(evaluation: Evaluation): string {
  const { all, origin } = evaluation;
  const { total, notFound, notFoundShare } = all.faces;
  const unreadable = origin?.unreadable.length ?? 0;
  const found =
    origin?.cropped === true
      ? 'used as they are, already cropped'
      : `${formatNumber(notFound)} of them not found (${writeShare(notFoundShare)})`;
  return (
    `${formatNumber(total)} faces of ${dataText(evaluation)}, ${found}` +
    `${unreadable > 0 ? `; ${formatNumber(unreadable)} pictures could not be read` : ''}. ${bootstrapText(evaluation)}`
  );
}

/** The figures at the top of the page. */
const HEADLINES = [
  'MAE, years',
  'within 5 years (CS@5)',
  'bias, years',
  'ages in the 90% interval',
  'gender accuracy',
];

function headline(evaluation: Evaluation): [string, Html][] {
  const confidence = `${100 * evaluation.bootstrap.confidence}%`;
  const known = headlineFigures(evaluation);
  const adult = evaluation.checks.find(
    ({ column, decoding, threshold, youngest, minors }) =>
      column === null && decoding === 'mean' && threshold === 18 && youngest === 0 && minors > 0,
  );
  const shown = [
    ...HEADLINES.flatMap((name) => known.filter((figure) => figure.name === name)),
    ...(adult
      ? [{ name: 'minors estimated as adults', figure: adult.falseAdultRate, write: writeShare }]
      : []),
  ];
  return shown.map(({ name, figure, write }) => {
    const range = rangeText(figure, write);
    return [
      name,
      html`${valueText(figure, write)}${range !== '' && html`<small>${confidence}: ${range}</small>`}`,
    ];
  });
}

function notesSection({ origin }: Evaluation): MaybeSection {
  if (origin === undefined || origin.notes.length === 0) return undefined;
  return {
    title: 'Notes',
    body: html`<ul>${origin.notes.map((note) => html`<li>${note}</li>`)}</ul>`,
  };
}

const labelText = ({ low, high }: WorstFace): string =>
  low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;

function worstSection(
  worst: readonly WorstFace[],
  pictures: ReadonlyMap<string, string> = new Map(),
): MaybeSection {
  if (worst.length === 0) return undefined;
  const shown = worst.flatMap((face) => {
    const source = face.file === undefined ? undefined : pictures.get(face.file);
    if (source === undefined) return [];
    const ages = `${labelText(face)}, estimated ${face.estimate.toFixed(0)}`;
    return [{ source, alt: `Face of ${ages}`, caption: ages }];
  });
  return {
    title: `The worst ${worst.length === 1 ? 'face' : formatNumber(worst.length)}`,
    body: [
      html`<p>The faces with the largest errors. Some of their labels may be wrong.</p>`,
      shown.length > 0 && gallery(shown),
      table({
        caption: 'The largest errors',
        columns: [
          number(''),
          number('true age'),
          number('estimated age'),
          number('error'),
          { title: 'picture' },
        ],
        rows: worst.map((face, i) => [
          i + 1,
          labelText(face),
          face.estimate.toFixed(1),
          `${face.error > 0 ? '+' : '−'}${Math.abs(face.error).toFixed(1)}`,
          face.file ?? `face ${face.face}`,
        ]),
      }),
    ],
  };
}

const facesText = ({ cropped, flip }: NonNullable<Evaluation['origin']>): string =>
  `${cropped ? 'as they are stored' : 'found by the detector'}${flip ? '; the mean over each and its mirror image' : ''}`;

function factsSection(evaluation: Evaluation): Section {
  const { origin, bootstrap, reliability, gender, all } = evaluation;
  const code = (text: string | null) => (text === null ? '–' : html`<code>${text}</code>`);
  const { draws, seed, confidence, unit, units } = bootstrap;
  return {
    title: 'Method',
    body: [
      table({
        caption: 'Models, data and settings',
        columns: [{ title: '' }, { title: '' }],
        rows: [
          ...(origin?.models ?? []).flatMap(({ name, sha256, youngest, oldest, trainedOn, calibratedOn }) => [
            ['model', `${name}, ages ${youngest} to ${oldest}`],
            ['SHA-256 of its file', code(sha256)],
            ...(trainedOn === null
              ? []
              : [
                  ['learned from', trainedOn.map(({ title, part }) => `${title}, part '${part}'`).join('; ')],
                ]),
            [
              'calibrated on',
              calibratedOn === null
                ? 'nothing'
                : calibratedOn
                    .map(
                      ({ title, part, faces }) =>
                        `${title}${part === null ? '' : `, part '${part}'`}, ${formatNumber(faces)} faces`,
                    )
                    .join('; '),
            ],
          ]),
          ['data', dataText(evaluation)],
          ...(origin === undefined
            ? []
            : [
                ['data set', origin.data.set],
                ['fingerprint of the store', code(origin.data.fingerprint)],
                ['SHA-256 of the rows', code(origin.data.rows)],
                ['faces', facesText(origin)],
              ]),
          ['faces in all', formatNumber(all.faces.total)],
          ['not found', `${formatNumber(all.faces.notFound)} (${writeShare(all.faces.notFoundShare)})`],
          [
            'intervals',
            `percentile bootstrap, ${100 * confidence}%, ${formatNumber(draws)} draws over ${formatNumber(units)} ${unit === 'face' ? 'faces' : 'people'}, seed ${seed}; ${CONSTANT_SHARES}`,
          ],
          ...(reliability.length > 0
            ? [['bins of the calibration error', `${reliability[0]!.bins.length}, of equal width`]]
            : []),
          ...(gender === null ? [] : [['threshold of P(female)', formatNumber(gender.threshold)]]),
        ],
      }),
    ],
  };
}
