/** The platform of a pipeline in a browser: the browser decodes; models and ONNX Runtime are downloaded. */
import { fileFetcher, modelFetcher } from '../registry/web.js';
import { type CreateSession, type Device, RuntimeError } from '../runtime/index.js';
import { availableDevice, fastestThreads, webSessions } from '../runtime/web.js';
import { decodeImage, type WebImage } from '../vision/web.js';
import { LocalPipeline, type Platform } from './local-pipeline.js';
import { openModel } from './open-model.js';
import type { PlainOptions } from './remote-pipeline.js';
import type { OnProgress } from './types.js';

/** What a pipeline in a browser is loaded with, as cloneable data. URLs are absolute. */
export interface WebSettings {
  readonly options: PlainOptions;
  /** The base of models' URLs. */
  readonly base: string;
  readonly modelsUrl: string;
  readonly wasmUrl: string;
  readonly workerUrl: string;
  readonly cache: boolean;
}

export async function loadWebPipeline(
  settings: WebSettings,
  onProgress: OnProgress = () => {},
): Promise<LocalPipeline> {
  const { options, base, modelsUrl, wasmUrl, workerUrl, cache } = settings;
  const fetchFile = fileFetcher({
    cache,
    onBytes: (file, done, total) => onProgress({ phase: 'download', file, done, total }),
  });
  const createSession = webSessions({ files: new URL(wasmUrl), fetchFile });
  const readModel = modelFetcher({ folder: new URL(modelsUrl), base, fetchFile });
  const load = async (device: Device) => {
    const threads =
      options.threads ??
      (await fastestThreads({
        startWorker: (name) => new Worker(workerUrl, { type: 'module', name }),
      }));
    onProgress({ phase: 'runtime', device, threads });
    return LocalPipeline.load(platform(createSession, readModel), {
      ...options,
      device,
      threads,
      onProgress,
    });
  };
  if (options.device !== undefined) return load(options.device);
  const device = await availableDevice();
  try {
    return await load(device);
  } catch (error) {
    // A model that a GPU's driver rejects may still run on the CPU.
    if (device === 'cpu' || !(error instanceof RuntimeError && error.kind === 'unsupported')) throw error;
    return load('cpu');
  }
}

const platform = (createSession: CreateSession, readModel: Platform['readModel']): Platform => ({
  decode: (picture, name, maxPixels, admit) =>
    decodeImage(picture as Uint8Array | WebImage, { name, maxPixels, admit }),
  readModel,
  openModel: async (source) => openModel(source),
  createSession,
});
