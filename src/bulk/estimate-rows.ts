/**
 * Estimates as a table with a row for each face, of a video for each person. A picture without faces has one row whose
 * columns from `face` on are empty; so has a picture that failed, with the message in `error`. Thus every picture has a
 * row, with its index.
 */
import type { SchemaElement } from 'hyparquet';
import { yearProbabilities } from '../age/index.js';
import type { PersonRecord } from './clip-record.js';
import type { IndexedRecord } from './estimate-all.js';
import type { FaceRecord } from './record.js';
import type { EstimateRequest } from './request.js';

export type EstimateCell = string | number | bigint | readonly number[] | undefined;

/** What decides which columns there are. */
export type TableRequest = Pick<EstimateRequest, 'details' | 'every'>;

/** A row by column name. */
export type EstimateRow = Readonly<Record<string, EstimateCell>>;

/** The column with the index of a row's picture. */
export const INDEX = 'index';

type Kind = 'whole' | 'place' | 'number' | 'text' | 'numbers';

interface FaceColumn {
  readonly name: string;
  readonly kind: Kind;
  value(face: FaceRecord, index: number): EstimateCell;
}

/** Empty for NaN, the age of a model of gender alone. */
const number = (
  name: string,
  value: (face: FaceRecord, index: number) => number | null | undefined,
): FaceColumn => ({
  name,
  kind: 'number',
  value: (face, index) => {
    const found = value(face, index);
    return found == null || Number.isNaN(found) ? undefined : found;
  },
});

const FACE: FaceColumn = { name: 'face', kind: 'whole', value: (_, index) => index + 1 };

const ofPerson = (name: 'person' | 'from' | 'to' | 'seconds', kind: Kind): FaceColumn => ({
  name,
  kind,
  value: (face) => (face as PersonRecord)[name],
});
const PERSON: readonly FaceColumn[] = [
  ofPerson('person', 'whole'),
  ofPerson('from', 'number'),
  ofPerson('to', 'number'),
  ofPerson('seconds', 'number'),
];

function faceColumns({ details: { atLeast, distribution }, every }: TableRequest): FaceColumn[] {
  const point = (name: string, key: keyof NonNullable<FaceRecord['landmarks']>) => [
    number(`${name}_x`, ({ landmarks }) => landmarks?.[key].x),
    number(`${name}_y`, ({ landmarks }) => landmarks?.[key].y),
  ];
  return [
    ...(every === undefined ? [FACE] : PERSON),
    number('x', ({ box }) => box.x),
    number('y', ({ box }) => box.y),
    number('width', ({ box }) => box.width),
    number('height', ({ box }) => box.height),
    number('score', ({ score }) => score),
    number('age', ({ age }) => age),
    number('median', ({ median }) => median),
    number('std', ({ std }) => std),
    number('interval_low', ({ interval }) => interval[0]),
    number('interval_high', ({ interval }) => interval[1]),
    { name: 'group', kind: 'text', value: ({ group }) => group?.label },
    number('group_probability', ({ group }) => group?.probability),
    { name: 'members', kind: 'numbers', value: ({ members }) => members },
    { name: 'gender', kind: 'text', value: ({ gender }) => gender?.label },
    number('gender_probability', ({ gender }) => gender?.probability),
    ...point('right_eye', 'rightEye'),
    ...point('left_eye', 'leftEye'),
    ...point('nose', 'nose'),
    ...point('mouth', 'mouth'),
    ...atLeast.map((t) => number(`at_least_${t}`, (face) => face.atLeast?.[t])),
    ...(distribution
      ? [{ name: 'years', kind: 'numbers' as const, value: (face: FaceRecord) => years(face) }]
      : []),
  ];
}

const YEAR_PLACES = 6;

/** The probabilities of the years 0..100. */
function years({ distribution = [] }: FaceRecord): number[] | undefined {
  if (distribution.length === 0) return undefined;
  const probabilities = distribution.map(({ p }) => p);
  return Array.from(yearProbabilities({ classes: distribution, probabilities }), (p) =>
    Number(p.toFixed(YEAR_PLACES)),
  );
}

/** The rows of a picture. */
export function estimateRows({ index, record }: IndexedRecord, request: TableRequest): EstimateRow[] {
  const picture = { [INDEX]: BigInt(index), file: record.file };
  if ('error' in record) return [{ ...picture, error: record.error }];
  const sized = { ...picture, picture_width: record.width, picture_height: record.height };
  if (record.faces.length === 0) return [sized];
  const columns = faceColumns(request);
  return record.faces.map((face, i) => ({
    ...sized,
    ...Object.fromEntries(columns.map(({ name, value }) => [name, value(face, i)])),
  }));
}

const optional = (name: string, rest: Omit<SchemaElement, 'name' | 'repetition_type'>): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...rest,
});

const ELEMENTS: Readonly<Record<Kind, (name: string) => SchemaElement[]>> = {
  place: (name) => [optional(name, { type: 'INT64' })],
  whole: (name) => [optional(name, { type: 'INT32' })],
  number: (name) => [optional(name, { type: 'DOUBLE' })],
  text: (name) => [
    optional(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }),
  ],
  numbers: (name) => [
    optional(name, { converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    optional('element', { type: 'DOUBLE' }),
  ],
};

/** The columns of a table: their names, and the schema in depth-first order, as in a Parquet footer. */
export function estimateColumns(request: TableRequest): {
  readonly names: readonly string[];
  readonly schema: SchemaElement[];
} {
  const columns: readonly (readonly [name: string, kind: Kind])[] = [
    [INDEX, 'place'],
    ['file', 'text'],
    ['picture_width', 'whole'],
    ['picture_height', 'whole'],
    ...faceColumns(request).map(({ name, kind }) => [name, kind] as const),
    ['error', 'text'],
  ];
  return {
    names: columns.map(([name]) => name),
    schema: [
      { name: 'schema', repetition_type: 'REQUIRED', num_children: columns.length },
      ...columns.flatMap(([name, kind]) => ELEMENTS[kind](name)),
    ],
  };
}
