/**
 * The columns of a store, in the layout of Hugging Face `datasets`: an image is a struct of its encoded bytes and
 * its path (https://huggingface.co/docs/datasets/main/en/image_dataset).
 */
import type { SchemaElement } from 'hyparquet';
import * as z from 'zod';
import { GENDERS } from '../../age/index.js';
import { DataError } from '../types.js';
import type { NewRow, StoreRow } from './types.js';

/** The bytes come before all labels, so that the labels of a row group are one stretch of the file. */
export const IMAGE_COLUMN = 'image';
export const BYTES_FIELD = 'bytes';

const FLOATS = ['age', 'age_min', 'age_max', 'age_std'] as const;
const STRINGS = ['gender', 'race', 'identity'] as const;
export const LABEL_COLUMNS = [...FLOATS, ...STRINGS, 'face_box', 'face', 'source', 'split'] as const;

const optional = (name: string, rest: Omit<SchemaElement, 'name' | 'repetition_type'>): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...rest,
});
const text = (name: string): SchemaElement =>
  optional(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } });
const number = (name: string): SchemaElement => optional(name, { type: 'DOUBLE' });

/** Depth first, as in a Parquet footer. */
export const SCHEMA: SchemaElement[] = [
  { name: 'schema', repetition_type: 'REQUIRED', num_children: 1 + LABEL_COLUMNS.length },
  optional(IMAGE_COLUMN, { num_children: 2 }),
  optional(BYTES_FIELD, { type: 'BYTE_ARRAY' }),
  text('path'),
  ...FLOATS.map(number),
  ...STRINGS.map(text),
  optional('face_box', { converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 }),
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  number('element'),
  number('face'),
  text('source'),
  text('split'),
];

const value = (dtype: string) => ({ dtype, _type: 'Value' });

/** The value of the key `huggingface`, which makes `datasets` show pictures rather than structs. */
export const HUGGING_FACE = JSON.stringify({
  info: {
    features: {
      [IMAGE_COLUMN]: { _type: 'Image' },
      ...Object.fromEntries(FLOATS.map((name) => [name, value('float64')])),
      ...Object.fromEntries(STRINGS.map((name) => [name, value('string')])),
      face_box: { feature: value('float64'), _type: 'Sequence' },
      face: value('float64'),
      source: value('string'),
      split: value('string'),
    },
  },
});

/** A row's labels as stored in the columns. */
export type LabelCells = Record<(typeof LABEL_COLUMNS)[number], number | string | number[] | undefined>;

export function labelCells(
  { age, gender, race, identity, faceBox, face, split }: Omit<NewRow, 'image'>,
  source: string,
): LabelCells {
  const interval = age && 'from' in age ? age : undefined;
  const point = age && 'age' in age ? age : undefined;
  return {
    age: point?.age,
    age_min: interval?.from,
    age_max: interval?.to,
    age_std: point?.std,
    gender,
    race,
    identity,
    face_box: faceBox && [faceBox.x, faceBox.y, faceBox.width, faceBox.height],
    face,
    source,
    split,
  };
}

const years = z.number().nonnegative().nullish();
const name = z.string().nullish();

/** A row as read by hyparquet. Columns missing from other programs' files count as empty. */
const cells = z.object({
  image: z.object({ path: name }).nullish(),
  age: years,
  age_min: years,
  age_max: years,
  age_std: years,
  gender: z.enum(GENDERS).nullish(),
  race: name,
  identity: name,
  face_box: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
  face: z.number().nullish(),
  source: name,
  split: name,
});

/** @throws DataError if a column holds an invalid value. */
export function storeRow(index: number, row: unknown): StoreRow {
  const { success, data, error } = cells.safeParse(row);
  if (!success) {
    const [issue] = error.issues;
    throw new DataError(`row ${index}, column ${issue!.path.join('.')}: ${issue!.message}`);
  }
  const { gender, race, identity, face, split } = data;
  const [x, y, width, height] = data.face_box ?? [];
  const age = ageOf(data);
  return {
    index,
    path: data.image?.path ?? '',
    source: data.source ?? '',
    ...(age && { age }),
    ...(gender && { gender }),
    ...(race != null && { race }),
    ...(identity != null && { identity }),
    ...(height !== undefined && { faceBox: { x: x!, y: y!, width: width!, height } }),
    ...(face != null && { face }),
    ...(split != null && { split }),
  };
}

function ageOf({ age, age_std: std, age_min: from, age_max: to }: z.infer<typeof cells>): StoreRow['age'] {
  if (age != null) return std == null ? { age } : { age, std };
  return from != null && to != null ? { from, to } : undefined;
}
