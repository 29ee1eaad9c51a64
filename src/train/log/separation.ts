/** How the predicted distribution depends on the true age, and comes to: plots after chosen epochs. */
import {
  barChart,
  type Content,
  formatNumber,
  formatShare,
  heatTable,
  histogram,
  html,
  linePlot,
} from '../../report/index.js';
import { HALF } from './curves.js';
import type { SeparationEntry } from './types.js';

/** More curves could not be distinguished. */
const CURVES = 6;
/** A wider table would not be readable. */
const COLUMNS = 14;
/** How many neighbouring classes may be merged in a table: round numbers, so that years become decades. */
const GROUPS = [1, 2, 5, 10, 20, 50, 100] as const;
/** The minimum number of faces for a meaningful mean. */
const FEWEST = 5;
/** Smaller shares would only distract. */
const LEAST_SHOWN = 0.005;

export function separationPlots(entries: readonly SeparationEntry[]): Content {
  const chosen = chosenLabels(entries);
  const shown = entries.map((entry) => entry.classes.filter(({ label }) => chosen.includes(label)));
  const highest = shown.flat().reduce((most, { mean }) => Math.max(most, ...mean), 0);
  const plots = entries.map((entry, i) =>
    linePlot({
      ...HALF,
      caption: `After epoch ${entry.epoch}`,
      description: 'The mean predicted distribution of the faces of each true age.',
      xLabel: 'predicted age',
      yLabel: 'probability',
      yFormat: formatShare,
      fromZero: true,
      upTo: highest,
      xNames: entry.labels,
      series: shown[i]!.map(({ label, count, mean }) => ({
        name: `${label} (${count} faces)`,
        points: mean.map((p, k): [number, number] => [k, p]),
      })),
    }),
  );
  // The last one is open; earlier ones are collapsed.
  const earlier = entries
    .slice(0, -1)
    .map(
      (entry) =>
        html`<details><summary>Predicted by true age after epoch ${entry.epoch}</summary>${table(entry)}</details>`,
    );
  return [
    html`<div class="pair">${plots}</div>`,
    html`<div class="pair">${entries.map(faceBars)}</div>`,
    table(entries.at(-1)!),
    earlier,
  ];
}

/** What was predicted of one face, the same in all entries. */
function faceBars({ epoch, labels, face }: SeparationEntry): Content {
  if (face === undefined) return undefined;
  const text = {
    ...HALF,
    caption: `One face after epoch ${epoch}`,
    description: `The predicted distribution of a face of ${formatNumber(face.age)} years, of the validation part.`,
    xLabel: 'predicted age',
    yLabel: 'probability',
  };
  const series = [{ name: 'probability', values: face.probabilities }];
  const years = labels.map(Number);
  const single = years.every((year, k) => year === years[0]! + k);
  return single
    ? histogram({ ...text, from: years[0]!, binWidth: 1, binName: (k) => labels[k]!, series })
    : barChart({ ...text, names: labels, series });
}

/** Evenly spaced true classes among those with enough faces in every entry, so that all plots show the same ones. */
function chosenLabels(entries: readonly SeparationEntry[]): string[] {
  const [first, ...others] = entries.map(({ classes }) => {
    const most = Math.max(0, ...classes.map(({ count }) => count));
    return classes.filter(({ count }) => count >= Math.min(FEWEST, most)).map(({ label }) => label);
  });
  const common = (first ?? []).filter((label) => others.every((labels) => labels.includes(label)));
  if (common.length <= CURVES) return common;
  return Array.from(
    { length: CURVES },
    (_, i) => common[Math.round(((common.length - 1) * i) / (CURVES - 1))]!,
  );
}

/** Predicted by true classes, with neighbours merged if there are many. */
function table({ epoch, classes, labels }: SeparationEntry): Content {
  const size = GROUPS.find((group) => Math.ceil(labels.length / group) <= COLUMNS) ?? labels.length;
  const groups = Array.from({ length: Math.ceil(labels.length / size) }, (_, g) =>
    labels.slice(g * size, (g + 1) * size),
  );
  const rows = groups.flatMap((group) => {
    const members = classes.filter(({ label }) => group.includes(label));
    const faces = members.reduce((sum, { count }) => sum + count, 0);
    if (faces === 0) return [];
    const share = (g: number) =>
      members.reduce((sum, { count, mean }) => sum + (count / faces) * total(mean, g * size, size), 0);
    return [{ name: `${nameOf(group)} (${faces})`, values: groups.map((_, g) => share(g)) }];
  });
  return heatTable({
    caption: `Predicted by true age after epoch ${epoch}`,
    description:
      'The mean predicted probability of each age, over the faces of a true age (their number in brackets).',
    corner: 'true age',
    columns: groups.map(nameOf),
    rows: rows.map(({ name }) => name),
    values: rows.map(({ values }) => values),
    format: (share) => (share < LEAST_SHOWN ? '' : formatShare(share)),
  });
}

const total = (values: readonly number[], from: number, count: number) =>
  values.slice(from, from + count).reduce((sum, value) => sum + value, 0);

/** From the first year of the first class to the last of the last. */
function nameOf(group: readonly string[]): string {
  const from = group[0]!.split('-')[0]!;
  const to = group.at(-1)!.split('-').at(-1)!;
  return from === to ? from : `${from}–${to}`;
}
