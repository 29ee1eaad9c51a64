/**
 * Predictions as a Parquet file: a row for each picture with its labels and, for each model, the probabilities of the
 * years 0..100 and P(female), in the float32 that figures are computed from. The key `agewise` records the models and
 * the data. DuckDB, pandas and the like open it.
 */
import { readFile } from 'node:fs/promises';
import { parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ParquetWriter } from 'hyparquet-writer';
import * as z from 'zod';
import { GENDERS } from '../age/index.js';
import { FileSink } from '../data/index.js';
import { isMissing, isRefusal, reasonOf, writeWhole } from '../files/index.js';
import { calibrationOriginsSchema, trainingOriginsSchema } from '../metadata/index.js';
import { YEARS } from '../metrics/index.js';
import { EvaluationError } from './error.js';
import type { ModelPrediction, PredictedFace, Predictions, PredictionsInfo } from './predictions.js';
import { agesUnderChangesSchema } from './robustness/ages.js';

const KEY = 'agewise';
const FORMAT = 'agewise-predictions';
const VERSION = 1;
const GROUP_ROWS = 4096;

const text = z.string();
const classes = z.array(z.strictObject({ from: z.int(), to: z.int() })).readonly();

const factsSchema = z.strictObject({
  name: text,
  input: z.strictObject({ width: z.int(), height: z.int(), color: text, margin: z.number() }),
  age: z.strictObject({ classes }).nullable(),
  gender: z.strictObject({}).nullable(),
  provenance: z.strictObject({ backbone: text, data: text, recipe: text, licence: text, source: text }),
});

/** The models and the data of predictions. */
const infoSchema = z.strictObject({
  models: z
    .array(
      z.strictObject({
        name: text,
        sha256: text,
        youngest: z.int(),
        oldest: z.int(),
        groups: classes.optional(),
        memberOf: text.nullable().default(null),
        calibratedOn: calibrationOriginsSchema.nullable(),
        trainedOn: trainingOriginsSchema.nullable().default(null),
        interval: z.strictObject({ coverage: z.number(), widening: z.number() }).nullable(),
        facts: factsSchema.optional(),
      }),
    )
    .min(1),
  data: z.strictObject({
    path: text,
    title: text,
    set: text,
    fingerprint: text.nullable(),
    split: text.nullable(),
    part: text.nullable(),
    rows: text.nullable(),
  }),
  cropped: z.boolean(),
  flip: z.boolean().default(false),
}) satisfies z.ZodType<PredictionsInfo>;

const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  info: infoSchema,
  leftOut: z.array(text),
  robustness: agesUnderChangesSchema.optional(),
});

const optional = (name: string, rest: Omit<SchemaElement, 'name' | 'repetition_type'>): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...rest,
});
const textColumn = (name: string) =>
  optional(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } });

const LABELS = ['age', 'age_min', 'age_max', 'age_std'] as const;
const COLUMNS = ['race', 'identity', 'set'] as const;

const yearsColumn = (model: number) => (model === 0 ? 'years' : `years_${model + 1}`);
const femaleColumn = (model: number) => (model === 0 ? 'female' : `female_${model + 1}`);

/** In depth-first order, as in a Parquet footer. */
const schemaOf = (models: number): SchemaElement[] => [
  {
    name: 'schema',
    repetition_type: 'REQUIRED',
    num_children: 4 + LABELS.length + COLUMNS.length + 2 * models,
  },
  textColumn('file'),
  ...LABELS.map((name) => optional(name, { type: 'DOUBLE' })),
  textColumn('gender'),
  ...COLUMNS.map(textColumn),
  optional('found', { type: 'BOOLEAN' }),
  textColumn('problem'),
  ...Array.from({ length: models }, (_, m) => [
    optional(yearsColumn(m), { converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 } as const,
    optional('element', { type: 'FLOAT' }),
    optional(femaleColumn(m), { type: 'FLOAT' }),
  ]).flat(),
];

/**
 * Writes predictions, the whole file or none.
 * @throws EvaluationError if it cannot be written
 */
export async function writePredictions(
  path: string,
  { info, faces, leftOut, robustness }: Predictions,
): Promise<void> {
  async function* batches() {
    for (let from = 0; from < faces.length; from += GROUP_ROWS) yield faces.slice(from, from + GROUP_ROWS);
  }
  try {
    await writeWhole(path, (partial) =>
      writePredictionBatches(partial, info, batches(), async () => ({ leftOut, robustness })),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const problem = `it cannot be written: ${reasonOf(error)}`;
    throw new EvaluationError({ subject: path, problem }, { kind: 'failed', cause: error });
  }
}

/**
 * Writes predictions batch by batch, of which only a row group is in memory. If that fails, the file is closed and left for
 * the caller to remove.
 * @param path of a file that does not exist
 * @param rest makes what belongs to the file as a whole, after the last face
 */
export async function writePredictionBatches(
  path: string,
  info: PredictionsInfo,
  batches: AsyncIterable<readonly PredictedFace[]>,
  rest: () => Promise<Pick<Predictions, 'leftOut' | 'robustness'>>,
): Promise<void> {
  const models = info.models.length;
  const sink = await FileSink.create(path);
  try {
    const parquet = new ParquetWriter({
      writer: sink,
      schema: schemaOf(models),
      kvMetadata: [],
      createdBy: 'agewise',
    });
    let group: PredictedFace[] = [];
    for await (const batch of batches) {
      for (const face of batch) {
        if (group.push(face) < GROUP_ROWS) continue;
        await writeGroup(parquet, group, models);
        group = [];
      }
    }
    if (group.length > 0) await writeGroup(parquet, group, models);
    const { leftOut, robustness } = await rest();
    const document: z.input<typeof documentSchema> = {
      format: FORMAT,
      version: VERSION,
      info: infoSchema.parse(info),
      leftOut: [...leftOut],
      ...(robustness && { robustness: agesUnderChangesSchema.parse(robustness) }),
    };
    parquet.kvMetadata!.push({ key: KEY, value: JSON.stringify(document) });
    await parquet.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function writeGroup(
  parquet: ParquetWriter,
  rows: readonly PredictedFace[],
  models: number,
): Promise<void> {
  const column = (name: string, cell: (face: PredictedFace) => unknown) => ({ name, data: rows.map(cell) });
  await parquet.write({
    columnData: [
      column('file', ({ file }) => file),
      column('age', ({ label }) => (label && 'age' in label ? label.age : undefined)),
      column('age_min', ({ label }) => (label && 'from' in label ? label.from : undefined)),
      column('age_max', ({ label }) => (label && 'from' in label ? label.to : undefined)),
      column('age_std', ({ label }) => (label && 'age' in label ? label.std : undefined)),
      column('gender', ({ gender }) => gender),
      ...COLUMNS.map((name) => column(name, ({ columns }) => columns[name])),
      column('found', ({ predictions }) => predictions !== undefined),
      column('problem', ({ problem }) => problem),
      ...Array.from({ length: models }, (_, m) => [
        column(yearsColumn(m), ({ predictions }) => predictions && Array.from(predictions[m]!.years)),
        column(femaleColumn(m), ({ predictions }) => predictions?.[m]?.female),
      ]).flat(),
    ],
    rowGroupSize: rows.length,
  });
}

const years = z.number().nonnegative().nullish();
const labels = z.object({
  file: z.string(),
  age: years,
  age_min: years,
  age_max: years,
  age_std: years,
  gender: z.enum(GENDERS).nullish(),
  race: text.nullish(),
  identity: text.nullish(),
  set: text.nullish(),
  found: z.boolean(),
  problem: text.nullish(),
});

/**
 * Reads predictions that `writePredictions` wrote.
 * @throws EvaluationError if the file is missing or holds no predictions
 */
export async function readPredictions(path: string): Promise<Predictions> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = isMissing(error);
    const problem = missing ? 'no such file of predictions' : `it cannot be read: ${reasonOf(error)}`;
    throw new EvaluationError(
      { subject: path, problem },
      { kind: missing ? 'missing' : 'input', cause: error },
    );
  }
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(file);
    const document = metadata.key_value_metadata?.find(({ key }) => key === KEY)?.value;
    if (document === undefined) throw new Error('one without predictions');
    const { info, leftOut, robustness } = documentSchema.parse(JSON.parse(document));
    const rows = await parquetReadObjects({ file, metadata });
    const faces = rows.map((row) => faceOf(row, info.models.length));
    return { info, leftOut, faces, ...(robustness && { robustness }) };
  } catch (error) {
    throw new EvaluationError(
      {
        subject: path,
        expected: 'predictions that agewise evaluate wrote',
        found: 'another or a damaged file',
      },
      { cause: error },
    );
  }
}

function faceOf(row: Record<string, unknown>, models: number): PredictedFace {
  const {
    file,
    age,
    age_min: from,
    age_max: to,
    age_std: std,
    gender,
    race,
    identity,
    set,
    found,
    problem,
  } = labels.parse(row);
  const label =
    age != null
      ? { age, ...(std != null && { std }) }
      : from != null && to != null
        ? { from, to }
        : undefined;
  const predictionOf = (m: number): ModelPrediction => {
    const years = Float32Array.from(row[yearsColumn(m)] as ArrayLike<number>);
    if (years.length !== YEARS) throw new Error(`${years.length} years`);
    return { years, female: (row[femaleColumn(m)] as number | null | undefined) ?? undefined };
  };
  return {
    file,
    label,
    gender: gender ?? undefined,
    columns: { race: race ?? undefined, identity: identity ?? undefined, set: set ?? undefined },
    predictions: found ? Array.from({ length: models }, (_, m) => predictionOf(m)) : undefined,
    ...(problem != null && { problem }),
  };
}
