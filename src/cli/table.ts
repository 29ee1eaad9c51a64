/**
 * The table: one row per face, each picture named once. Rows are printed as results arrive, so column widths
 * are fixed in advance: from the names, which are known, and from the widest figures possible.
 */
import { OLDEST, YOUNGEST, yearProbabilities } from '../age/index.js';
import type { Details, FaceRecord } from '../bulk/index.js';
import type { Format, Totals } from './format.js';
import type { OutputFacts } from './output-facts.js';
import { type Look, oneLine, padEnd, padStart, paint, shortenPath, widthOf } from './text.js';

export interface TableOptions extends Details, Look {
  /** The `file` names of the pictures to come. */
  readonly files: readonly string[];
  /** What the models predict. */
  readonly outputs: OutputFacts;
  /** Whether each picture is one face, so that there is no box and no score. */
  readonly cropped: boolean;
}

interface Column {
  readonly title: string;
  readonly width: number;
  cell(face: FaceRecord): string;
}

const GAP = '  ';
const PICTURE = 'Picture';
/** The least width of a name on a narrow terminal. */
const LEAST_NAME = 20;
/** Its width if not even the age fits beside `LEAST_NAME`. */
const NARROWEST_NAME = 8;

export function tableFormat(options: TableOptions): Format {
  const { bold, dim } = paint(options);
  const folder = commonFolder(options.files);
  const columns = columnsFor(options);
  const taken = dropColumns(columns, options.columns);
  const room = options.columns === undefined ? Number.POSITIVE_INFINITY : options.columns - taken;
  const name = (file: string) =>
    shortenPath(oneLine(file.slice(folder.length)), Math.max(Math.min(LEAST_NAME, room), NARROWEST_NAME));
  const widest = options.files.reduce((most, file) => Math.max(most, widthOf(name(file))), PICTURE.length);

  const line = (first: string, cells: readonly string[]) =>
    `${[padEnd(first, widest), ...cells].join(GAP).trimEnd()}\n`;
  const titles = columns.map(({ title, width }) => padEnd(bold(title), width));

  const head = (folder === '' ? '' : `${dim(oneLine(folder))}\n`) + line(bold(PICTURE), titles);
  let headed = false;

  return {
    includesErrors: false,
    head: () => '',
    picture(record) {
      if ('error' in record) return '';
      const rows: string[] = [];
      // Titles are printed with the first row: if every picture fails, there is nothing below them.
      if (!headed) rows.push(head);
      headed = true;
      const shown = name(record.file);
      if (record.faces.length === 0) rows.push(line(shown, [dim('no face')]));
      record.faces.forEach((face, i) => {
        const cells = columns.map((column) => padEnd(column.cell(face), column.width));
        rows.push(line(i === 0 ? shown : '', cells));
      });
      return rows.join('');
    },
    tail: (totals) => `${dim(totalsLine(totals))}\n`,
  };
}

/**
 * Drops columns, from the last, that do not fit beside the names; the age stays.
 * @returns the width of the remaining columns
 */
function dropColumns(columns: Column[], terminal = Number.POSITIVE_INFINITY): number {
  const taken = () => columns.reduce((sum, { width }) => sum + GAP.length + width, 0);
  while (columns.length > 1 && LEAST_NAME + taken() > terminal) columns.pop();
  return taken();
}

/** Of an age, such as ` 31.2`. */
const AGE_WIDTH = 5;

function columnsFor({ cropped, atLeast, distribution, outputs }: TableOptions): Column[] {
  return [
    ...(outputs.groups ? [{ title: 'Group', width: 12, cell: groupCell }] : []),
    ...(outputs.ages ? ageColumns(atLeast, distribution) : []),
    ...(outputs.members > 0
      ? [
          {
            title: 'Each network',
            width: Math.max('Each network'.length, (AGE_WIDTH + 1) * outputs.members - 1),
            cell: ({ members = [] }: FaceRecord) =>
              members.map((age) => padStart(age.toFixed(1), AGE_WIDTH)).join(' '),
          },
        ]
      : []),
    ...(outputs.gender
      ? [
          {
            title: 'Gender',
            width: 11,
            cell: ({ gender: estimate }: FaceRecord) =>
              estimate ? `${padEnd(estimate.label, 6)} ${percent(estimate.probability)}` : '',
          },
        ]
      : []),
    ...(cropped
      ? []
      : [
          { title: 'Score', width: 5, cell: ({ score }: FaceRecord) => score?.toFixed(2) ?? '' },
          {
            title: 'Box',
            width: 20,
            cell: ({ box }: FaceRecord) =>
              `${box.width.toFixed(0)}×${box.height.toFixed(0)} at ${box.x.toFixed(0)}, ${box.y.toFixed(0)}`,
          },
        ]),
  ];
}

const groupCell = ({ group }: FaceRecord): string =>
  group ? `${padEnd(group.label, 6)} ${percent(group.probability)}` : '';

function ageColumns(atLeast: readonly number[], distribution: boolean): Column[] {
  return [
    {
      title: '  Age',
      width: 11,
      cell: ({ age, std }) => `${padStart(age.toFixed(1), 5)} ±${std.toFixed(1)}`,
    },
    {
      title: '90% range',
      width: 9,
      cell: ({ interval: [low, high] }) => `${padStart(low.toFixed(0), 3)}–${high.toFixed(0)}`,
    },
    ...atLeast.map((t) => ({
      title: padStart(`≥${t}`, 4),
      width: 4,
      cell: (face: FaceRecord) => percent(face.atLeast?.[t] ?? 0),
    })),
    ...(distribution ? [{ title: SKETCH_TITLE, width: SKETCH_TITLE.length, cell: sketch }] : []),
  ];
}

function percent(p: number): string {
  return padStart(`${(100 * p).toFixed(0)}%`, 4);
}

/** The folder that contains all files, with its slash; empty if there is none. */
export function commonFolder(files: readonly string[]): string {
  const folderOf = (file: string) =>
    file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  let common = folderOf(files[0] ?? '');
  for (const file of files) {
    while (!file.startsWith(common)) common = folderOf(common.slice(0, -1));
  }
  // The root alone is not worth printing.
  return common === '/' ? '' : common;
}

/** Years per character of the distribution's sketch. */
const SKETCH_YEARS = 4;
const SKETCH_TITLE = '0    25     50     75 100';
const BARS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The distribution over 0..100 as a row of bars, the highest of full height. */
function sketch({ distribution = [] }: FaceRecord): string {
  const years = yearProbabilities({ classes: distribution, probabilities: distribution.map(({ p }) => p) });
  const cells = Math.floor((OLDEST - YOUNGEST) / SKETCH_YEARS);
  const heights = new Array<number>(cells).fill(0);
  // The last bar takes year 100 too.
  years.forEach((p, year) => {
    heights[Math.min(cells - 1, Math.floor(year / SKETCH_YEARS))]! += p;
  });
  const highest = Math.max(...heights);
  return heights.map((h) => BARS[Math.round((h / highest) * (BARS.length - 1))]!).join('');
}

function totalsLine({ pictures, of = pictures, faces, failed }: Totals): string {
  const done = of > pictures ? `${pictures} of ${counted(of, 'picture')}` : counted(pictures, 'picture');
  const parts = [done, counted(faces, 'face')];
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
