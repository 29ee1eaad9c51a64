/**
 * `--csv`: one row per face (RFC 4180; lines end in LF, as Unix tools expect).
 *
 * Every row has every column. A picture without faces has one row whose columns from `face` on are empty, and
 * so has a picture that failed, with its message in `error`. To count pictures, count all files; to count
 * faces, count the rows that have a `face`.
 */
import { OLDEST, YOUNGEST, yearProbabilities } from '../age/index.js';
import type { Details, FaceRecord } from '../bulk/index.js';
import { plainText } from '../data/about.js';
import type { Format } from './format.js';
import type { OutputFacts } from './output-facts.js';

type Cell = string | number | null | undefined;

/** A column that describes a face: its name and its value. */
type FaceColumn = readonly [name: string, value: (face: FaceRecord, index: number) => Cell];

const FACE_COLUMNS: readonly FaceColumn[] = [
  ['face', (_, index) => index + 1],
  ['x', ({ box }) => box.x],
  ['y', ({ box }) => box.y],
  ['width', ({ box }) => box.width],
  ['height', ({ box }) => box.height],
  ['score', ({ score }) => score],
  ['age', ({ age }) => age],
  ['median', ({ median }) => median],
  ['std', ({ std }) => std],
  ['interval_low', ({ interval }) => interval[0]],
  ['interval_high', ({ interval }) => interval[1]],
];

const GROUP_COLUMNS: readonly FaceColumn[] = [
  ['group', ({ group }) => group?.label],
  ['group_probability', ({ group }) => group?.probability],
];

const GENDER_COLUMNS: readonly FaceColumn[] = [
  ['gender', ({ gender }) => gender?.label],
  ['gender_probability', ({ gender }) => gender?.probability],
];

const LANDMARK_COLUMNS: readonly FaceColumn[] = (
  [
    ['right_eye', 'rightEye'],
    ['left_eye', 'leftEye'],
    ['nose', 'nose'],
    ['mouth', 'mouth'],
  ] as const
).flatMap(([name, key]): FaceColumn[] => [
  [`${name}_x`, ({ landmarks }) => landmarks?.[key].x],
  [`${name}_y`, ({ landmarks }) => landmarks?.[key].y],
]);

/** @param options `outputs`: those of the models */
export function csvFormat({
  atLeast,
  distribution,
  outputs,
}: Details & { readonly outputs: OutputFacts }): Format {
  const columns: FaceColumn[] = [
    ...FACE_COLUMNS,
    ...(outputs.groups ? GROUP_COLUMNS : []),
    ...Array.from(
      { length: outputs.members },
      (_, m): FaceColumn => [`member_${m + 1}`, ({ members }) => members?.[m]],
    ),
    ...(outputs.gender ? GENDER_COLUMNS : []),
    ...LANDMARK_COLUMNS,
    ...atLeast.map((t): FaceColumn => [`at_least_${t}`, (face) => face.atLeast?.[t]]),
  ];
  const names = [
    'file',
    'picture_width',
    'picture_height',
    ...columns.map(([name]) => name),
    ...(distribution ? YEARS.map((year) => `p_${year}`) : []),
    'error',
  ];
  /** The columns between a picture's size and its error. */
  const nothing: Cell[] = new Array(names.length - 4).fill('');
  const faceCells = (face: FaceRecord, index: number): Cell[] => [
    ...columns.map(([, value]) => value(face, index)),
    ...(distribution ? yearCells(face) : []),
  ];

  return {
    includesErrors: false,
    head: () => csvRow(names),
    picture(record) {
      if ('error' in record) return csvRow([record.file, '', '', ...nothing, record.error]);
      const { file, width, height, faces } = record;
      const rows = faces.length === 0 ? [nothing] : faces.map(faceCells);
      return rows.map((cells) => csvRow([file, width, height, ...cells, ''])).join('');
    },
    tail: () => '',
  };
}

const YEARS = Array.from({ length: OLDEST - YOUNGEST + 1 }, (_, i) => YOUNGEST + i);

/** Classes differ between models but years do not, so the columns are known before the first face. */
function yearCells({ distribution = [] }: FaceRecord): number[] {
  const probabilities = distribution.map(({ p }) => p);
  return Array.from(yearProbabilities({ classes: distribution, probabilities }), (p) => Number(p.toFixed(6)));
}

/** A line of CSV; text that a spreadsheet would read as a formula stays text. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\n`;
}

function quoted(cell: Cell): string {
  // Missing outputs, such as the age by a model of gender alone, are NaN.
  const text = typeof cell === 'string' ? plainText(cell) : Number.isNaN(cell) ? '' : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
