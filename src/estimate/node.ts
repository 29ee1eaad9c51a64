/** The estimator's entry point for Node: the age of every face in a photograph. */
import { availableParallelism, totalmem } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { ModelInput, ModelSource } from '../registry/index.js';
import type { FaceDetector } from '../vision/index.js';
import type { AgeModel } from './age-model.js';
import { Estimator } from './estimator.js';
import type { FaceNetworks, NetworkOptions } from './face-networks.js';
import { nodePictures } from './node-pictures.js';
import { checkOptions, faceOptions, LOAD_RULES, type LoadOptions, type OptionRules } from './options.js';
import type { Pipeline } from './pipeline.js';
import { SpreadPipeline } from './spread-pipeline.js';

export interface NodeLoadOptions extends LoadOptions {
  /**
   * Whether pictures are decoded and networks run in a worker thread, so that the event loop stays free, as a server
   * needs it. Results are the same. Default false.
   */
  readonly worker?: boolean;
}

/** Small pictures are spread over at most so many threads, ... */
const MOST_THREADS = 8;
/** ... each of which needs some 75 MB, a seventh of this part of the machine's or container's memory, ... */
const MEMORY_PER_THREAD = 2 ** 29;
/** ... if the models, of which each has its own, take at most so many bytes. */
const MOST_BYTES = 2 ** 25;
/** A thread refuses pictures of more pixels, which may be few bytes: only one pipeline may decode large ones. */
const THREAD_PIXELS = 2 ** 22;

const RULES: OptionRules<NodeLoadOptions> = {
  ...LOAD_RULES,
  worker: { type: 'boolean', expected: 'true or false' },
};

export class AgeEstimator extends Estimator {
  /**
   * Loads the networks.
   *
   * @example
   * const estimator = await AgeEstimator.load();
   * const { faces } = await estimator.estimate('photo.jpg');
   * for (const face of faces) console.log(face.age, face.interval, face.atLeast(18));
   * await estimator.dispose();
   *
   * @throws TypeError or RangeError for an invalid option, AgewiseError if a model cannot be loaded or a device is missing
   */
  static async load(options: NodeLoadOptions = {}): Promise<AgeEstimator> {
    checkOptions(options, RULES);
    const { worker = false, ...rest } = options;
    const pipeline = await (worker ? loadThread(rest) : loadHere(rest));
    return new AgeEstimator(pipeline, nodePictures, faceOptions(rest));
  }
}

// Loaded only if needed: the decoder and ONNX Runtime take time and memory.
async function loadHere(options: LoadOptions): Promise<Pipeline> {
  const [{ LocalPipeline }, { nodePlatform }] = await Promise.all([
    import('./local-pipeline.js'),
    import('./node-platform.js'),
  ]);
  let bytes = 0;
  const createSession: typeof nodePlatform.createSession = (model, ...rest) => {
    bytes += model.byteLength;
    return nodePlatform.createSession(model, ...rest);
  };
  const read = new Map<string | URL | Uint8Array, Pick<ModelSource, 'bytes' | 'name'>>();
  const readModel: typeof nodePlatform.readModel = async (model) => {
    const source = await nodePlatform.readModel(model);
    if (!source.shipped) read.set(model, { bytes: source.bytes, name: source.name });
    return source;
  };
  const whole = await LocalPipeline.load({ ...nodePlatform, createSession, readModel }, options);
  const { device = 'cpu', threads = availableParallelism() } = options;
  const count = Math.min(threads, MOST_THREADS, Math.floor(memory() / MEMORY_PER_THREAD));
  if (device !== 'cpu' || count < 2 || bytes > MOST_BYTES || !isMainThread) return whole;
  // Files may have changed when a thread starts.
  const asRead = (input: ModelInput): ModelInput => {
    const named = typeof input === 'object' && 'model' in input ? input : { model: input };
    const source = read.get(named.model);
    return source === undefined ? input : { name: source.name, ...named, model: source.bytes };
  };
  const { onProgress: _, models, maxPixels = THREAD_PIXELS, ...rest } = options;
  const forThreads = {
    ...rest,
    ...(models && { models: models.map(asRead) }),
    maxPixels: Math.min(maxPixels, THREAD_PIXELS),
    threads: 1,
  };
  return new SpreadPipeline(whole, count, () => loadThread(forThreads));
}

/** Bytes of memory that the process may use. */
function memory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

async function loadThread(options: LoadOptions): Promise<Pipeline> {
  const { loadThreadPipeline } = await import('./thread-pipeline.js');
  return loadThreadPipeline(options);
}

/**
 * Loads networks for running the steps of an estimate one by one, as evaluation does.
 * @throws AgewiseError if a model cannot be loaded or a device is missing
 */
export async function loadFaceNetworks(options: NetworkOptions): Promise<FaceNetworks> {
  const [{ FaceNetworks }, { nodePlatform }] = await Promise.all([
    import('./face-networks.js'),
    import('./node-platform.js'),
  ]);
  return FaceNetworks.load(nodePlatform, options);
}

/**
 * Loads one network, for callers that run it on tensors.
 * @param model a shipped model or the path of an .onnx file
 * @throws an error of one sentence if it cannot be loaded
 */
export async function loadAgeNetwork(
  model: string,
  options: { readonly gender: boolean; readonly threads?: number },
): Promise<AgeModel> {
  const [{ AgeModel }, { nodePlatform }] = await Promise.all([
    import('./age-model.js'),
    import('./node-platform.js'),
  ]);
  const opened = await nodePlatform.openModel(await nodePlatform.readModel(model));
  return AgeModel.load(opened, nodePlatform.createSession, options);
}

/**
 * Loads the face detector alone, from its optimized copy if there is one.
 * @throws an error of one sentence if it cannot be loaded
 */
export async function loadFaceDetector(options: { readonly threads?: number } = {}): Promise<FaceDetector> {
  const [{ loadDetector }, { nodePlatform }] = await Promise.all([
    import('./face-networks.js'),
    import('./node-platform.js'),
  ]);
  return loadDetector(nodePlatform, options);
}

export { ModelFileError, type ShippedModel, shippedModelPath, shippedModels } from '../registry/node.js';
export type { AgeModel } from './age-model.js';
export type { FaceNetworks, NetworkOptions } from './face-networks.js';
export { type FaceDetails, type FaceRecord, faceRecord } from './face-record.js';
export * from './shared.js';
