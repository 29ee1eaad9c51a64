/** Runs as one model file's content. */
import { type Batch, Loader, type LoaderOptions, type StoreUnion } from '../../data/index.js';
import { type ModelMetadataDocument, withDocument } from '../../metadata/index.js';
import { type Model, quantize, toFloat16, toInt8Weights } from '../../onnx/index.js';
import { Random } from '../../random/index.js';
import type { SessionOptions } from '../../runtime/index.js';
import { recordedBoxes } from '../crop.js';
import { modelDocument } from '../model-document.js';
import {
  type OpenedRun,
  openRun,
  runFolders,
  runMetrics,
  runNetwork,
  runProvenance,
  runTrainedOn,
} from '../open-run.js';
import { reopenRunData } from '../run-data.js';
import { addDistribution, predictsNumber } from './add-distribution.js';
import { calibrate } from './calibrate.js';
import { compare, type Measured } from './compare.js';
import { joinParts, type Part } from './join.js';

/** Training pictures used to measure activations. */
const CALIBRATION_FACES = 256;
/** Separates their selection from other random choices. */
const CALIBRATION = 0xca11b;

/** Batch size: as in estimates, and small enough for a large network's activations. */
const BATCH = 4;

export interface ExportOptions {
  /** Whether to use each run's last weights instead of its best ones. */
  readonly last?: boolean;
  /** Weights stored as float16. */
  readonly float16?: boolean;
  /** Large weights stored as int8, with a scale for each channel. */
  readonly int8Weights?: boolean;
  /** Weights and activations in 8 bits. */
  readonly int8?: boolean;
  /** The present folders of the first run's stores; default: the recorded ones. */
  readonly folders?: readonly string[] | undefined;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
  /** Called with the number of faces processed for `int8`. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Exported {
  readonly model: Model;
  /** The number of networks in it. */
  readonly networks: number;
  /** For `int8`, both forms measured on the validation part. */
  readonly comparison: { readonly float: Measured; readonly int8: Measured } | undefined;
}

/**
 * The model of a run, of an ensemble's members, or of several runs (see `joinParts`), with its metadata. `int8` needs
 * the data of the first run; a run that predicts single ages needs its own.
 * @param folders of runs
 * @throws ExportError if they do not match; LogError, CheckpointError, GraphFileError and DataError for what their names say.
 */
export async function exportRuns(folders: readonly string[], options: ExportOptions = {}): Promise<Exported> {
  const runFolderPaths = (await Promise.all(folders.map(runFolders))).flat();
  const runs: OpenedRun[] = [];
  const parts: Part[] = [];
  for (const folder of runFolderPaths) {
    const run = await openRun(folder, { last: options.last ?? false });
    runs.push(run);
    const part = partOf(run, folder);
    parts.push(predictsNumber(run) ? await addDistribution(part, run, options) : part);
  }
  const joined = joinParts(parts);
  const { classes, input, gender, metrics, members } = joined;
  const document = modelDocument({ ...jointOrigin(runs), input, classes, gender, metrics, members });
  const rounded = options.int8Weights ? toInt8Weights(joined.model) : joined.model;
  const float = options.float16 ? toFloat16(rounded) : rounded;
  const networks = parts.length;
  if (!options.int8) return { networks, model: withDocument(float, document), comparison: undefined };
  const { model, comparison, measured } = await inIntegers({ ...joined, model: float }, runs[0]!, options);
  return { networks, model: withDocument(model, { ...document, metrics: measured }), comparison };
}

function partOf(run: OpenedRun, name: string): Part {
  const { images, input, classes, gender } = run.assembled;
  return { name, model: runNetwork(run), images, input, classes, gender, metrics: runMetrics(run) };
}

/** The name and provenance of several runs as one model, with common parts stated once. */
function jointOrigin(
  runs: readonly OpenedRun[],
): Pick<ModelMetadataDocument, 'name' | 'provenance' | 'trainedOn'> {
  const provenances = runs.map(runProvenance);
  const all = (key: keyof (typeof provenances)[number], separator = '; ') =>
    [...new Set(provenances.map((provenance) => provenance[key]))].join(separator);
  return {
    name: all('recipe', '+'),
    provenance: {
      backbone: all('backbone'),
      data: all('data'),
      recipe: all('recipe'),
      licence: all('licence'),
      source: all('source'),
    },
    trainedOn: withoutRepeats(runs.flatMap(({ facts }) => runTrainedOn(facts))),
  };
}

/** Members of an ensemble have mostly learned from the same. */
const withoutRepeats = <T>(origins: readonly T[]): T[] => [
  ...new Map(origins.map((origin) => [JSON.stringify(origin), origin])).values(),
];

async function inIntegers(float: Part, { facts }: OpenedRun, options: ExportOptions) {
  const { folders, session, signal, onProgress } = options;
  const { recipe } = facts;
  const { input } = float;
  const boxes = recordedBoxes(recipe);
  const { stores, train, validation } = await reopenRunData(facts, { folders });
  try {
    const chosen = new Random(recipe.seed, CALIBRATION)
      .shuffle(Uint32Array.from(train))
      .slice(0, CALIBRATION_FACES)
      .sort();
    let done = 0;
    const batches = async function* (rows: Uint32Array) {
      for await (const batch of facesOf(stores, { input, batch: BATCH, rows, boxes }, signal)) {
        yield batch;
        done += batch.rows.length;
        onProgress?.(done, chosen.length + validation.length);
      }
    };
    const images = async function* () {
      for await (const batch of batches(chosen)) yield batch.images;
    };
    const model = quantize(float.model, await calibrate(float.model, images(), session));
    const comparison = await compare(
      { float: float.model, int8: model },
      float,
      batches(validation),
      session,
    );
    const { mae, gender } = comparison.int8.figures;
    const part = `${stores.infos.map(({ title }) => title).join(', ')}, part ${recipe.data.validation}`;
    const measured: ModelMetadataDocument['metrics'] = {
      [part]: { ...(mae !== undefined && { mae }), ...(gender !== undefined && { gender }) },
    };
    return { model, comparison, measured };
  } finally {
    await stores.close();
  }
}

/** Faces preprocessed as in an estimate, in the order of the stores. */
async function* facesOf(
  stores: StoreUnion,
  options: LoaderOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch> {
  const loader = await Loader.create(stores, { ...options, sampling: 'stored' });
  try {
    yield* loader.batches({ epochs: 1, ...(signal && { signal }) });
  } finally {
    await loader.close();
  }
}
