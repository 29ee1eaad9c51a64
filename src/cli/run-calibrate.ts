/** Runs `agewise calibrate`: model and labelled faces → the calibrated copy. */
import type { ConformalInterval } from '../age/index.js';
import { GENDERS, INTERVAL_COVERAGE } from '../age/index.js';
import { loadFaceNetworks } from '../estimate/node.js';
import { type LabelledPictures, type PredictedFace, predictionTable } from '../evaluate/index.js';
import {
  type Calibration,
  type CalibrationOrigin,
  FORMAT_VERSION,
  METADATA_KEY,
  readMetadata,
} from '../metadata/index.js';
import {
  ageErrors,
  calibrateTable,
  calibrationError,
  classificationFigures,
  distributionFigures,
  errorFigures,
  type FaceTable,
  fitCalibration,
  intervalColumns,
  LEAST_FACES,
  mean,
  predictedGenders,
  probabilitiesAtLeast,
  reaches,
} from '../metrics/index.js';
import { writeModelFile } from '../onnx/file.js';
import { type Model, readModel, withMetadata, writeModel } from '../onnx/index.js';
import { alignedTable } from './aligned-table.js';
import type { CalibrateFlags } from './calibrate-flags.js';
import { Console } from './console.js';
import { untilInterrupted } from './interrupt.js';
import { openLabelledData } from './labelled-data.js';
import { readModels } from './model-inputs.js';
import { mustBeWritable } from './model-output.js';
import { predictAll } from './predict-all.js';
import { counted } from './table.js';
import { jsonText, lookOf, paint } from './text.js';
import { EXIT, UsageError } from './usage.js';

/** @returns the exit code */
export async function runCalibrate(name: string, out: string, flags: CalibrateFlags): Promise<number> {
  await mustBeWritable(out, flags.overwrite ?? false);
  const console = new Console();
  return untilInterrupted(async (signal) => {
    const [given, ...others] = await readModels([name]);
    if (others.length > 0) {
      throw new UsageError(
        `${name}: expected one model, found a run of ${others.length + 1} members; agewise export makes one of them`,
      );
    }
    const plain = withoutCalibration(readModel(given!.bytes), name);
    const stores: LabelledPictures[] = [];
    try {
      const origins: StoreRows[] = [];
      for (const path of flags.data) {
        stores.push(await openLabelledData(path, flags));
        origins.push(storeRows(stores.at(-1)!, path, origins));
      }
      const faces = await predict(name, plain, stores, flags, console, signal);
      const table = predictionTable({ faces: faces.flat() }, 0);
      const { femaleFrom, interval, faces: count, ...sharp } = fitted(table, flags);
      const calibration: Calibration = {
        ...sharp,
        femaleFrom,
        interval: interval && { ...interval, coverage: INTERVAL_COVERAGE },
        fittedOn: origins.map((origin, s) => ({ ...origin, faces: faces[s]!.filter(isUsed).length })),
      };
      const before = figuresOf(table, null);
      const after = figuresOf(calibrateTable(table, calibration), interval);
      await writeModelFile(out, withCalibration(plain, calibration, after));
      await console.print(
        flags.json ? jsonText({ file: out, calibration, before, after }) : summary(out, count, before, after),
      );
      return complain(faces.flat(), console);
    } finally {
      for (const store of stores) await store.close();
    }
  });
}

/** Whether a distribution was fitted on a face: it was found and has an age. */
const isUsed = ({ label, predictions }: PredictedFace): boolean =>
  label !== undefined && predictions !== undefined;

async function predict(
  name: string,
  model: Model,
  stores: readonly LabelledPictures[],
  { cropped, device, threads }: CalibrateFlags,
  console: Console,
  signal: AbortSignal,
): Promise<PredictedFace[][]> {
  const networks = await loadFaceNetworks({
    models: [{ name, model: writeModel(model) }],
    cropped: cropped ?? false,
    device,
    ...(threads !== undefined && { threads }),
  });
  try {
    const faces: PredictedFace[][] = [];
    for (const store of stores) faces.push(await predictAll(store, networks, console, signal));
    return faces;
  } finally {
    await networks.dispose();
  }
}

function fitted(table: FaceTable, flags: CalibrateFlags) {
  const labelled = table.low.filter((age, i) => !Number.isNaN(age) && table.found[i] === 1).length;
  if (labelled < LEAST_FACES) {
    throw new UsageError(
      `${flags.data.join(', ')}: expected at least ${LEAST_FACES} faces with ages to calibrate on, found ${labelled}`,
    );
  }
  return fitCalibration(table, flags);
}

type StoreRows = Omit<CalibrationOrigin, 'faces'>;

function storeRows({ origin }: LabelledPictures, data: string, before: readonly StoreRows[]): StoreRows {
  const { title, fingerprint, split, part, rows } = origin;
  if (fingerprint === null || rows === null) {
    throw new UsageError(`--data: expected a store, whose fingerprint the model records, found '${data}'`);
  }
  if (before.some((other) => other.fingerprint === fingerprint)) {
    throw new UsageError(`--data: expected each store once, found '${data}' twice`);
  }
  return { title, fingerprint, split, part, rows };
}

/** The model without its calibration, if it has one. */
function withoutCalibration(model: Model, name: string): Model {
  const { calibration } = readMetadata(model, name);
  if (calibration === undefined) return model;
  const { calibration: _, ...document } = JSON.parse(model.metadata.get(METADATA_KEY)!);
  return withMetadata(model, METADATA_KEY, JSON.stringify(document));
}

/** The figures on the faces of the calibration replace the model's measured ones, which it makes invalid. */
function withCalibration(plain: Model, calibration: Calibration, { mae, gender }: Figures): Model {
  const document = JSON.parse(plain.metadata.get(METADATA_KEY)!);
  const sets = calibration.fittedOn.map(({ title }) => title).join(', ');
  const figures = Object.entries({ mae, gender }).filter(([, value]) => !Number.isNaN(value));
  const metrics = {
    [`${sets}, the faces calibrated on`]: Object.fromEntries(
      figures.map(([name, value]) => [name, Number(value.toFixed(3))]),
    ),
  };
  return withMetadata(
    plain,
    METADATA_KEY,
    JSON.stringify({ ...document, formatVersion: FORMAT_VERSION, metrics, calibration }),
  );
}

/** Figures on the faces used for fitting; NaN if unknown. */
function figuresOf(table: FaceTable, interval: ConformalInterval | null) {
  const { mae, bias } = errorFigures(ageErrors(table, 'mean'))();
  const { likelihood, knownAge, shape } = distributionFigures(table);
  const [known, found] = [knownAge(), shape()];
  const given = interval && intervalColumns(table, interval);
  const female = classificationFigures(table.gender, predictedGenders(table), GENDERS.length)();
  return {
    mae: mae!,
    bias: bias!,
    nll: likelihood().nll!,
    coverage: given ? mean(given.coverage)() : known.coverage90!,
    width: given ? mean(given.width)() : found.width90!,
    adultError: calibrationError(probabilitiesAtLeast(table, 18), reaches(table, 18))(),
    gender: female.balancedAccuracy!,
  };
}

type Figures = ReturnType<typeof figuresOf>;

function summary(out: string, faces: number, before: Figures, after: Figures): string {
  const rows: [string, keyof Figures, (value: number) => string][] = [
    ['MAE, years', 'mae', (v) => v.toFixed(2)],
    ['bias, years', 'bias', (v) => v.toFixed(2)],
    ['NLL, nats', 'nll', (v) => v.toFixed(3)],
    ['ages in the 90% interval', 'coverage', (v) => `${(100 * v).toFixed(1)}%`],
    ['its width, years', 'width', (v) => v.toFixed(1)],
    ['calibration error, P(≥18)', 'adultError', (v) => v.toFixed(3)],
    ['balanced gender accuracy', 'gender', (v) => `${(100 * v).toFixed(1)}%`],
  ];
  const table = alignedTable(
    [{ title: '' }, { title: 'before', align: 'right' }, { title: 'after', align: 'right' }],
    rows.flatMap(([name, key, write]) =>
      Number.isNaN(before[key]) ? [] : [[name, write(before[key]), write(after[key])]],
    ),
    paint(lookOf(process.stdout)),
  );
  return `${out}: calibrated on ${counted(faces, 'face')}, with these figures\n\n${table}`;
}

async function complain(faces: readonly PredictedFace[], console: Console): Promise<number> {
  const problems = faces.flatMap(({ problem }) => problem ?? []);
  for (const problem of problems) await console.complain(problem);
  return problems.length > 0 ? EXIT.inputsFailed : EXIT.done;
}
