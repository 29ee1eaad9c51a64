/** Age checks on the page: minors passed against adults referred, with the challenge age along the curve. */
import { CHALLENGE_YEARS } from '../../estimate/about.js';
import { type Content, formatNumber, formatShare, html, linePlot, table } from '../../report/index.js';
import type { Check, Evaluation } from '../document.js';
import { valueText, writeShare } from '../figure-text.js';
import { RANKED_FROM } from '../parts.js';
import { figureCells, HALF, type MaybeSection, number, valueOrGap } from './texts.js';

/** Challenge ages divisible by this are written beside the curve. */
const NAMED_YEARS = 5;
/** The threshold at which groups are compared. */
const ADULT = 18;

export function checksSection({ checks, teenagers }: Evaluation): MaybeSection {
  const shown = checks.filter(
    ({ column, decoding, minors }) => column === null && decoding === 'mean' && minors > 0,
  );
  if (shown.length === 0) return undefined;
  const curves = shown.filter(({ youngest, adults }) => youngest === 0 && adults > 0);
  return {
    title: 'Age checks',
    body: [
      html`<p>A face passes if it is estimated at the challenge age or older. All others, and faces that were not found, are referred to another proof of age.</p>`,
      curves.length > 0 && html`<div class="pair">${curves.map(thresholdCurve)}</div>`,
      checkTable(shown),
      challengeTable(shown),
      groupTable(checks),
      teenagerTable(teenagers),
    ],
  };
}

function thresholdCurve({
  threshold,
  challenges,
  falsePositive,
  falseNegative,
  minors,
  adults,
}: Check): Content {
  return linePlot({
    ...HALF,
    caption: `Check of ${threshold} years`,
    description: `The numbers beside the curve are challenge ages in years. ${formatNumber(minors)} younger and ${formatNumber(adults)} older faces.`,
    xLabel: 'younger ones passed (false positives)',
    yLabel: 'older ones referred (false negatives)',
    xFormat: formatShare,
    yFormat: formatShare,
    fromZero: true,
    xDomain: [0, Math.max(0.05, ...falsePositive.map(({ value }) => value ?? 0))],
    series: [
      {
        name: `challenge from ${threshold}`,
        points: challenges.map((_, i): [number, number] => [
          valueOrGap(falsePositive[i]!.value),
          valueOrGap(falseNegative[i]!.value),
        ]),
        names: challenges.map((age) =>
          age === threshold || age === threshold + CHALLENGE_YEARS || age % NAMED_YEARS === 0
            ? `${age}`
            : undefined,
        ),
      },
    ],
  });
}

const who = ({ threshold, youngest }: Check): string =>
  youngest === 0 ? `all below ${threshold}` : `${youngest} to ${threshold - 1} alone`;

function checkTable(shown: readonly Check[]): Content {
  const rates = [...new Set(shown.flatMap(({ wanted }) => wanted.map(({ rate }) => rate)))];
  const confidence = shown[0]!.wanted[0]?.confidence ?? 0;
  return table({
    caption: 'Rates of age checks',
    description: `The last columns give the challenge age at which, with ${formatShare(confidence)} confidence, no more than that share of minors pass.`,
    columns: [
      { title: 'minors', kind: 'word' },
      number('faces'),
      number('not found'),
      number('value', 'estimated as adults'),
      number('interval', 'estimated as adults'),
      ...rates.map((rate) => number(formatShare(rate), 'challenge age for')),
    ],
    rows: shown.map((check) => [
      who(check),
      formatNumber(check.minors),
      formatNumber(check.minorsNotFound),
      ...figureCells(check.falseAdultRate, writeShare),
      ...rates.map((rate) => {
        const sure = check.wanted.find((wanted) => wanted.rate === rate)?.sureChallenge;
        return sure == null ? '–' : `${sure}`;
      }),
    ]),
  });
}

/** A table of its own: all rates in one would be wider than a sheet of paper. */
function challengeTable(shown: readonly Check[]): Content {
  return table({
    caption: `Challenge age ${CHALLENGE_YEARS} years above`,
    description: '‘As old’ are those who have reached the challenge age itself.',
    columns: [
      { title: 'minors', kind: 'word' },
      number('challenge'),
      number('value', 'minors passed'),
      number('interval', 'minors passed'),
      number('value', 'adults referred'),
      number('interval', 'adults referred'),
      number('as old referred'),
    ],
    rows: shown.map((check) => {
      const at = check.challenges.indexOf(check.threshold + CHALLENGE_YEARS);
      return [
        who(check),
        check.threshold + CHALLENGE_YEARS,
        ...figureCells(check.falsePositive[at], writeShare),
        ...figureCells(check.adults === 0 ? undefined : check.falseNegative[at], writeShare),
        valueText(check.older?.referred, writeShare),
      ];
    }),
  });
}

/** The false adult rate by group; the worst is named among groups of enough minors. */
function groupTable(checks: readonly Check[]): Content {
  const shown = checks.filter(
    ({ column, threshold, decoding, youngest, minors }) =>
      column !== null && threshold === ADULT && decoding === 'mean' && youngest === 0 && minors > 0,
  );
  if (shown.length === 0) return undefined;
  const worst = [...new Set(shown.map(({ column }) => column))].flatMap((column) => {
    const ranked = shown.filter((check) => check.column === column && check.minors >= RANKED_FROM);
    const rate = ({ falseAdultRate }: Check) => valueOrGap(falseAdultRate.value);
    return ranked.length < 2 ? [] : [ranked.reduce((a, b) => (rate(b) > rate(a) ? b : a))];
  });
  const named = worst.map(
    ({ column, name, falseAdultRate }) =>
      `by ${column}, ${name} with ${valueText(falseAdultRate, writeShare)}`,
  );
  return table({
    caption: `Minors estimated as ${ADULT} or older, by group`,
    ...(named.length > 0 && {
      description: `Worst among groups of ${RANKED_FROM} minors or more: ${named.join('; ')}.`,
    }),
    columns: [
      { title: 'by', kind: 'word' },
      { title: 'group', kind: 'word' },
      number('minors'),
      number('estimated as adults'),
      number('interval'),
    ],
    rows: shown.map((check) => [
      check.column!,
      worst.includes(check) ? `${check.name} (worst)` : check.name,
      formatNumber(check.minors),
      ...figureCells(check.falseAdultRate, writeShare),
    ]),
  });
}

function teenagerTable(teenagers: Evaluation['teenagers']): Content {
  const range = teenagers.mean;
  if (range === undefined) return undefined;
  const { from, to, figures } = range;
  return table({
    caption: `Teenagers of ${from} to ${to}`,
    columns: [{ title: 'share' }, number('value'), number('interval')],
    rows: [
      [`of ${from} to ${to}, estimated as such`, ...figureCells(figures.figures.inside, writeShare)],
      [`of all others, estimated as ${from} to ${to}`, ...figureCells(figures.figures.into, writeShare)],
    ],
  });
}
