/** The page that shows an inspection. */
import { stringify } from 'csv-stringify/sync';
import type { AgeLabel } from '../../age/index.js';
import {
  type BarNote,
  barChart,
  type Content,
  formatBytes,
  formatNumber,
  formatShare,
  gallery,
  heatTable,
  histogram,
  html,
  join,
  renderPage,
  type Section,
  table,
} from '../../report/index.js';
import { plainText } from '../plain-text.js';
import { SAME_AGE_YEARS } from './conflicts.js';
import {
  type AgeIrregularities,
  type Conflict,
  GENDER_NAMES,
  type Inspection,
  type IrregularYear,
  type NamedCount,
  type RowSummary,
  type Spread,
} from './types.js';

/** Plots of the page's width, or half of it. */
const WIDE = { width: 1080, height: 340 } as const;
const HALF = { width: 520, height: 330 } as const;

/** Data URLs of thumbnails by row number. */
export type Thumbnails = ReadonlyMap<number, string>;

/** The whole document. Empty sections are left out. */
export function inspectionPage(inspection: Inspection, pictures: Thumbnails): string {
  const { store } = inspection;
  const sections = [
    ages(inspection),
    people(inspection),
    suspicious(inspection, pictures),
    files(inspection),
    origins(inspection),
    rejects(inspection),
    contactSheets(inspection, pictures),
    about(inspection),
  ];
  return renderPage({
    title: store.title,
    lead: html`The labels and pictures of this store, and what to check before training on them.${store.homepage !== '' && html` <a href="${safeLink(store.homepage)}">${store.homepage}</a>`}`,
    facts: facts(inspection),
    sections: sections.filter((section) => section !== undefined),
    footer: html`Made by agewise data inspect. Sampled with seed ${inspection.seed}. It shows people: handle this page like the data set.`,
  });
}

/** A store may come from an untrusted source: only http(s) URLs become links. */
const safeLink = (address: string) => (/^https?:\/\//.test(address) ? address : '#');

function facts({ rows, identities, irregularities, ages, ...rest }: Inspection): [string, string][] {
  const { duplicates, suspicious: labels, rejects: reasons } = rest;
  const rejected = reasons.reduce((sum, { count }) => sum + count, 0);
  const range = ageRange(ages);
  return [
    ['pictures', formatNumber(rows)],
    ...(range ? [['ages', range] as [string, string]] : []),
    ...(identities.persons > 0 ? [['people', formatNumber(identities.persons)] as [string, string]] : []),
    ['near-duplicates', formatNumber(duplicates.rows)],
    ['contradictions', formatNumber(labels.conflicts.count)],
    ...(irregularities.whipple === null
      ? []
      : [['Whipple’s index', formatNumber(irregularities.whipple, 0)] as [string, string]]),
    ['rejected', formatNumber(rejected)],
  ];
}

function ageRange({ years, intervals }: Inspection['ages']): string | undefined {
  const counts = Object.values(years);
  const has = (year: number) => counts.some((list) => (list[year] ?? 0) > 0);
  const all = Array.from(
    { length: Math.max(...counts.map((list) => list.length)) },
    (_, year) => year,
  ).filter(has);
  const low = Math.min(all[0] ?? Number.POSITIVE_INFINITY, ...intervals.map(({ from }) => from));
  const high = Math.max(all.at(-1) ?? Number.NEGATIVE_INFINITY, ...intervals.map(({ to }) => to));
  return low > high ? undefined : `${formatNumber(low)}–${formatNumber(high)}`;
}

function ages({ ages: { years, intervals }, irregularities, kinds }: Inspection): Section {
  const series = GENDER_NAMES.map((name) => ({ name, values: years[name] })).filter(({ values }) =>
    values.some((count) => count > 0),
  );
  const parts: Content[] = [kindsSentence(kinds)];
  if (series.length > 0) {
    parts.push(
      histogram({
        caption: 'Pictures by age',
        description:
          'Filled marks show years with far more pictures than the surrounding years, hollow marks years with far fewer.',
        ...WIDE,
        xLabel: 'age in years',
        yLabel: 'pictures',
        // Each column is centred on its age.
        from: -0.5,
        binWidth: 1,
        series,
        notes: notes(irregularities),
      }),
      irregularYears(irregularities),
    );
  }
  if (intervals.length > 0) {
    parts.push(
      barChart({
        caption: 'Pictures by age interval',
        ...WIDE,
        xLabel: 'ages in years',
        yLabel: 'pictures',
        names: intervals.map(({ from, to }) => `${from}–${to}`),
        series: [{ name: 'pictures', values: intervals.map(({ count }) => count) }],
      }),
    );
  }
  return { title: 'Ages', body: parts };
}

function kindsSentence({ exact, spread, interval, none }: Inspection['kinds']): Content {
  const parts = [
    [exact, 'an exact age'],
    [spread, 'a mean and a spread of guesses'],
    [interval, 'an interval'],
    [none, 'no age'],
  ] as const;
  const sentence = parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatNumber(count)} have ${what}`);
  return html`<p>Of the pictures, ${sentence.join(', ')}.</p>`;
}

function notes({ heaps, gaps }: AgeIrregularities): BarNote[] {
  const note = (kind: BarNote['kind']) => (found: IrregularYear) => ({
    bin: found.year,
    kind,
    text: words(found),
  });
  return [...heaps.map(note('high')), ...gaps.map(note('low'))];
}

const words = ({ year, count, expected }: IrregularYear) =>
  `age ${year}: ${formatNumber(count)}, where the surrounding years suggest ${formatNumber(expected, 0)}`;

function irregularYears({ heaps, gaps, missing, whipple }: AgeIrregularities): Content {
  const row = (kind: string) => (found: { year: number; count: number; expected: number }) =>
    [found.year, kind, found.count, formatNumber(found.expected, 0)] as const;
  const rows = [...heaps.map(row('heap')), ...gaps.map(row('gap'))].sort((a, b) => a[0] - b[0]);
  const runs = missing.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return [
    whipple !== null &&
      html`<p>Whipple’s index of the ages 23 to 62 is ${formatNumber(whipple, 0)}: ${whippleWords(whipple)} (100 means no preference for ages ending in 0 or 5, 500 means no other ages).</p>`,
    runs.length > 0 && html`<p>No picture has age ${runs.join(', ')}.</p>`,
    rows.length > 0 &&
      html`<details><summary>${rows.length} years with remarkably many or few pictures</summary>${table({
        caption: 'Heaps and gaps',
        description: 'Expected is the median of the three years before and the three after.',
        columns: [
          { title: 'age', kind: 'number' },
          { title: 'kind' },
          { title: 'pictures', kind: 'number' },
          { title: 'expected', kind: 'number' },
        ],
        rows,
      })}</details>`,
  ];
}

/** The grades of the United Nations (Demographic Yearbook). */
function whippleWords(index: number): string {
  if (index < 105) return 'highly accurate';
  if (index < 110) return 'fairly accurate';
  if (index < 125) return 'approximate';
  return index < 175 ? 'rough, so many ages are guesses' : 'very rough, so most ages are guesses';
}

function people({ table: ages, rows, genders, kinds }: Inspection): Section | undefined {
  const { bands, races, counts } = ages;
  const labelled = counts.flat(2).reduce((sum, count) => sum + count, 0);
  if (labelled === 0) return undefined;
  const known = GENDER_NAMES.map((name, code) => ({ name, code })).filter(({ name }) =>
    genders.some((gender) => gender.name === name),
  );
  const byRace = known.map(({ name, code }) =>
    heatTable({
      caption: `Age and race, ${name}`,
      corner: 'age',
      columns: races,
      rows: bands,
      values: counts.map((band) => band[code]!),
      totals: true,
    }),
  );
  const sum = (list: readonly number[]) => list.reduce((all, count) => all + count, 0);
  const byGender = heatTable({
    caption: 'Age and gender',
    corner: 'age',
    columns: known.map(({ name }) => name),
    rows: bands,
    values: counts.map((band) => known.map(({ code }) => sum(band[code]!))),
    totals: true,
  });
  const chart = barChart({
    caption: 'Races by age',
    description: 'In percent of those of an age.',
    ...HALF,
    xLabel: 'age in years',
    yLabel: '%',
    names: bands,
    series: races.map((name, race) => ({
      name,
      values: counts.map((band) => {
        const all = sum(band.flat());
        return all === 0 ? 0 : (100 * sum(band.map((gender) => gender[race]!))) / all;
      }),
    })),
  });
  return {
    title: 'People',
    body: [
      html`<p>${genders.map(({ name, count }) => `${name} ${formatNumber(count)} (${formatShare(count / rows)})`).join(', ')}.${kinds.interval > 0 && !ages.ownIntervals && ' An interval counts at its middle.'}</p>`,
      races.length > 1
        ? [html`<div class="pair">${byGender}${chart}</div><div class="pair">${byRace}</div>`]
        : byGender,
    ],
  };
}

const groupCount = (n: number): string => `${formatNumber(n)} ${n === 1 ? 'group' : 'groups'}`;

function suspicious({ suspicious: labels, duplicates }: Inspection, pictures: Thumbnails): Section {
  const { conflicts, extreme } = labels;
  const { groups, rows, largest } = duplicates;
  const parts: Content[] = [
    groups === 0
      ? html`<p>No near-duplicates were found.</p>`
      : html`<p>${formatNumber(rows)} pictures are near-duplicates of others, in ${groupCount(groups)} of up to ${formatNumber(largest)}. A split keeps each group on one side. In ${groupCount(conflicts.count)} the labels contradict each other: genders differ, or ages by more than ${SAME_AGE_YEARS} years.</p>`,
  ];
  if (conflicts.worst.length > 0) {
    parts.push(
      html`<h3>Near-duplicates that contradict each other${more(conflicts.worst.length, conflicts.count)}</h3><div class="groups">${conflicts.worst.map((conflict) => conflictGallery(conflict, pictures))}</div>`,
    );
  }
  if (extreme.count > 0) {
    parts.push(
      html`<h3>Older than 100 years${more(extreme.oldest.length, extreme.count)}</h3>${sheet(extreme.oldest, pictures)}`,
    );
  }
  const shown = [...conflicts.worst.flatMap((conflict) => conflict.rows), ...extreme.oldest];
  if (shown.length > 0) parts.push(correctionsLink(shown));
  return { title: 'Suspicious labels', body: parts };
}

/** A table of these rows to fill in for `agewise data import --corrections`. */
function correctionsLink(rows: readonly RowSummary[]): Content {
  const each = [...new Map(rows.map((row) => [row.index, row])).values()];
  const lines = each.map((row) => [plainText(row.path), row.face, '', '', '', row.index, labelText(row)]);
  const text = stringify([['file', 'face', 'exclude', 'age', 'gender', 'row', 'labelled'], ...lines]);
  const address = `data:text/csv;base64,${Buffer.from(text).toString('base64')}`;
  return html`<p><a download="corrections.csv" href="${address}">corrections.csv</a> lists the pictures shown here: fill in whom to exclude, or the right age or gender, and import the set again with --corrections corrections.csv.</p>`;
}

const more = (shown: number, all: number) =>
  shown < all ? `, the ${shown} widest of ${formatNumber(all)}` : '';

function conflictGallery({ rows }: Conflict, pictures: Thumbnails): Content {
  return sheet(rows, pictures);
}

function sheet(rows: readonly RowSummary[], pictures: Thumbnails): Content {
  return gallery(
    rows.map((row) => ({
      source: pictures.get(row.index) ?? NO_PICTURE,
      alt: `row ${row.index}, labelled ${labelText(row)}`,
      caption: html`<b>${labelText(row)}</b> <span title="${row.path}">row ${row.index}</span>`,
    })),
  );
}

/** A transparent picture of one pixel. */
const NO_PICTURE = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

function labelText({ age, gender }: RowSummary): string {
  return [ageText(age), gender].filter((part) => part !== undefined).join(', ');
}

function ageText(age: AgeLabel | undefined): string {
  if (age === undefined) return 'no age';
  if ('from' in age) return `${formatNumber(age.from)}–${formatNumber(age.to)}`;
  return age.std === undefined
    ? formatNumber(age.age, 1)
    : `${formatNumber(age.age, 1)} ± ${formatNumber(age.std, 1)}`;
}

function files({ pictures, rows }: Inspection): Section {
  const { frequent, distinct, formats, unreadable, totalBytes } = pictures;
  const lines = (
    [
      ['width', pictures.width, formatNumber],
      ['height', pictures.height, formatNumber],
      ['file', pictures.bytes, formatBytes],
    ] as const
  ).flatMap(([name, spread, format]) => (spread ? [spreadRow(name, spread, format)] : []));
  const shown = frequent.reduce((sum, { count }) => sum + count, 0);
  const others = rows - unreadable.length - shown;
  const sizes = [
    ...frequent,
    ...(others > 0
      ? [{ name: `${formatNumber(distinct - frequent.length)} other sizes`, count: others }]
      : []),
  ];
  return {
    title: 'Pictures',
    body: [
      html`<p>${formatBytes(totalBytes)} in ${formats.map(({ name, count }) => `${formatNumber(count)} ${name}`).join(', ')}.${
        unreadable.length > 0 &&
        html` ${formatNumber(unreadable.length)} cannot be read: rows ${unreadable.slice(0, 20).join(', ')}${unreadable.length > 20 ? ', ...' : ''}.`
      }</p>`,
      html`<div class="pair">${table({
        caption: 'Sizes',
        description: 'Picture sizes in pixels, and file sizes.',
        columns: [
          { title: '' },
          ...['smallest', '25%', 'median', '75%', 'largest'].map((title) => ({
            title,
            kind: 'number' as const,
          })),
        ],
        rows: lines,
      })}${countTable('Pixels', 'width × height', sizes, rows)}</div>`,
    ],
  };
}

function spreadRow(name: string, spread: Spread, format: (value: number) => string): string[] {
  const { smallest, q1, median, q3, largest } = spread;
  return [name, ...[smallest, q1, median, q3, largest].map(format)];
}

function countTable(caption: string, title: string, counts: readonly NamedCount[], all: number): Content {
  return table({
    caption,
    columns: [{ title }, { title: 'pictures', kind: 'number' }, { title: 'share', kind: 'number' }],
    rows: counts.map(({ name, count }) => [name, count, formatShare(count / all)]),
  });
}

function origins({ splits, sources, identities, rows }: Inspection): Section | undefined {
  const parts: Content[] = [];
  if (identities.pictures) {
    const { smallest, median, largest } = identities.pictures;
    parts.push(
      html`<p>${formatNumber(identities.persons)} people are named, in ${formatNumber(identities.rows)} pictures: ${formatNumber(smallest)} to ${formatNumber(largest)} each, median ${formatNumber(median)}.</p>`,
    );
  }
  const tables = [
    ...(splits.length > 0 ? [countTable('The authors’ own split', 'part', splits, rows)] : []),
    ...(sources.length > 1 ? [countTable('Data sets', 'set', sources, rows)] : []),
  ];
  if (tables.length > 0) parts.push(html`<div class="pair">${tables}</div>`);
  return parts.length > 0 ? { title: 'Identities and splits', body: parts } : undefined;
}

function rejects({ rejects: reasons, rows }: Inspection): Section {
  const all = reasons.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return { title: 'Rejected', body: html`<p>Nothing was rejected.</p>` };
  return {
    title: 'Rejected',
    body: [
      html`<p>${formatNumber(all)} of ${formatNumber(all + rows)} were rejected (${formatShare(all / (all + rows))}). All are listed in rejects.csv, with what was found.</p>`,
      table({
        caption: 'By reason',
        columns: [{ title: 'reason' }, { title: 'count', kind: 'number' }, { title: 'such as' }],
        rows: reasons.map(({ reason, count, examples }) => [reason, count, exampleList(examples)]),
      }),
    ],
  };
}

const exampleList = (examples: readonly { path: string; detail: string }[]): Content =>
  join(
    examples.map(
      ({ path, detail }) => html`<div><code>${path}</code> <span class="quiet">${detail}</span></div>`,
    ),
  );

function contactSheets({ samples }: Inspection, pictures: Thumbnails): Section | undefined {
  const filled = samples.filter(({ rows }) => rows.length > 0);
  if (filled.length === 0) return undefined;
  return {
    title: 'Contact sheets',
    body: [
      html`<p>A random sample of each age group. If a picture looks out of place, check its label.</p>`,
      filled.map(
        ({ band, count, rows }) =>
          html`<h3>${band} years <span class="quiet">${rows.length} of ${formatNumber(count)}</span></h3>${sheet(rows, pictures)}`,
      ),
    ],
  };
}

function about({ store, kinds }: Inspection): Section {
  const { options } = store;
  const cleaning = Object.entries(options.cleaning).map(([rule, value]) => `${rule} ${value}`);
  const reader = Object.entries(options.reader).map(([name, value]) => `${name} ${value}`);
  const rows = [
    ['data set', `${store.title} (${store.id})`],
    ['labels', store.labels],
    ['terms of use', store.terms],
    ['citation', store.citation],
    ['pictures', picturesText(options.pictures)],
    ['cleaning', cleaning.join(', ') || 'none'],
    ...(options.limit === undefined ? [] : [['chosen', `${formatNumber(options.limit)} at most`]]),
    ...(options.corrections
      ? [
          [
            'corrections',
            `${options.corrections.exclude} left out, ${options.corrections.relabel} labelled otherwise`,
          ],
        ]
      : []),
    ...(reader.length > 0 ? [['options', reader.join(', ')]] : []),
    ['rows with an age', formatNumber(store.rows - kinds.none)],
    ['fingerprint', html`<code>${store.fingerprint}</code>`],
  ];
  return {
    title: 'About',
    body: table({ caption: 'Origin of the store', columns: [{ title: '' }, { title: '' }], rows }),
  };
}

function picturesText({ size, quality, crop }: Inspection['store']['options']['pictures']): string {
  const parts = [
    crop
      ? `faces cropped by ${crop.by}, margin ${crop.margin}, alignment ${crop.alignment}`
      : 'whole pictures',
    size === null ? 'in their own size' : `at most ${size} pixels`,
    quality === null ? 'original bytes' : `JPEG of quality ${quality}`,
  ];
  return parts.join(', ');
}
