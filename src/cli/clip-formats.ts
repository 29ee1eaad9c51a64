/** How `agewise estimate` prints a video: a row for each person, as a table, CSV or JSON. */
import type { ClipRecord, PersonRecord } from '../bulk/index.js';
import type { AlignedColumn } from './aligned-table.js';
import { alignedTable } from './aligned-table.js';
import { csvRow } from './csv.js';
import type { Format } from './format.js';
import type { OutputFacts } from './output-facts.js';
import { type Look, oneLine, paint } from './text.js';

export interface ClipFormatOptions {
  readonly atLeast: readonly number[];
  /** What the models predict. */
  readonly outputs: OutputFacts;
  readonly look: Look;
}

const percent = (p: number): string => `${(100 * p).toFixed(0)}%`;

/** Such as `0:07`. */
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

interface Column extends AlignedColumn {
  cell(person: PersonRecord): string;
}

const GROUP: Column = {
  title: 'Group',
  cell: ({ group }) => (group ? `${group.label} ${percent(group.probability)}` : ''),
};

const ageColumns = (atLeast: readonly number[]): Column[] => [
  { title: 'Age', align: 'right', cell: ({ age, std }) => `${age.toFixed(1)} ±${std.toFixed(1)}` },
  {
    title: '90% range',
    align: 'right',
    cell: ({ interval: [low, high] }) => `${low.toFixed(0)}–${high.toFixed(0)}`,
  },
  ...atLeast.map((t): Column => {
    return { title: `≥${t}`, align: 'right', cell: (person) => percent(person.atLeast?.[t] ?? 0) };
  }),
];

export function clipTable(
  { file, faces }: ClipRecord,
  { atLeast, outputs, look }: ClipFormatOptions,
): string {
  const style = paint(look);
  const columns: Column[] = [
    { title: 'Person', align: 'right', cell: ({ person }) => String(person) },
    ...(outputs.groups ? [GROUP] : []),
    ...(outputs.ages ? ageColumns(atLeast) : []),
    ...(outputs.gender
      ? [
          {
            title: 'Gender',
            cell: ({ gender }: PersonRecord) =>
              gender ? `${gender.label} ${percent(gender.probability)}` : '',
          },
        ]
      : []),
    { title: 'Seen', align: 'right', cell: ({ seconds }) => `${seconds.toFixed(1)} s` },
    { title: 'From', align: 'right', cell: ({ from }) => clock(from) },
  ];
  const rows = faces.map((person) => columns.map((column) => column.cell(person)));
  const table = rows.length === 0 ? `${style.dim('no face')}\n` : alignedTable(columns, rows, style);
  return `${style.bold(oneLine(file))}\n${table}`;
}

/** The header, and then a row for each person of each video. */
export function clipCsv({ atLeast, outputs }: Omit<ClipFormatOptions, 'look'>) {
  const names = [
    'file',
    'person',
    'from',
    'to',
    'seconds',
    'age',
    'median',
    'std',
    'interval_low',
    'interval_high',
  ];
  const groups = outputs.groups ? ['group', 'group_probability'] : [];
  const genders = outputs.gender ? ['gender', 'gender_probability'] : [];
  const head = csvRow([
    ...names,
    ...groups,
    ...genders,
    ...atLeast.map((t) => `at_least_${t}`),
    'thumbnail',
    'error',
  ]);
  const row = (file: string, one: PersonRecord) =>
    csvRow([
      ...[file, one.person, one.from, one.to, one.seconds, one.age, one.median, one.std, ...one.interval],
      ...(outputs.groups ? [one.group?.label, one.group?.probability] : []),
      ...(outputs.gender ? [one.gender?.label, one.gender?.probability] : []),
      ...atLeast.map((t) => one.atLeast?.[t]),
      one.thumbnail,
      '',
    ]);
  const failure = (file: string, error: string) =>
    csvRow([
      file,
      ...new Array(names.length - 1 + groups.length + genders.length + atLeast.length + 1).fill(''),
      error,
    ]);
  return {
    head,
    rows: ({ file, faces }: ClipRecord) => faces.map((one) => row(file, one)).join(''),
    failure,
  };
}

/** The same rows as the text of a file. */
export function clipCsvFormat(options: Omit<ClipFormatOptions, 'look'>): Format {
  const csv = clipCsv(options);
  return {
    includesErrors: false,
    head: () => csv.head,
    picture: (record) =>
      'error' in record ? csv.failure(record.file, record.error) : csv.rows(record as ClipRecord),
    tail: () => '',
  };
}
