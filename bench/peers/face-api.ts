/**
 * `@vladmandic/face-api`: a detector, then age and gender. The process's first argument names the detector:
 * `ssd` (SSD MobileNet v1) or `tiny` (Tiny YOLO v2). With `http` as the second it listens instead of taking messages.
 */
import path from 'node:path';
import { serveHttp } from './http.js';
import { estimateEach, type Picture } from './pictures.js';
import { describeEngine, requireFromRoot, type Tensor, type TensorFlow, WASM_FOLDER } from './tensorflow.js';
import { type Peer, type PeerFace, serve } from './worker.js';

interface Net {
  loadFromDisk(folder: string): Promise<void>;
}

interface FaceApiFace {
  readonly detection: { readonly box: { x: number; y: number; width: number; height: number } };
  readonly age: number;
  readonly gender: 'female' | 'male';
}

interface FaceApi {
  readonly version: string;
  readonly tf: TensorFlow;
  readonly nets: { readonly ssdMobilenetv1: Net; readonly tinyFaceDetector: Net; readonly ageGenderNet: Net };
  readonly SsdMobilenetv1Options: new (options: { maxResults: number }) => object;
  readonly TinyFaceDetectorOptions: new () => object;
  detectAllFaces(input: Tensor, options: object): { withAgeAndGender(): PromiseLike<FaceApiFace[]> };
}

/** Detectors with face-api's own defaults: confidence 0.5; the tiny one at 416 px. */
const DETECTORS = {
  ssd: {
    net: (api: FaceApi) => api.nets.ssdMobilenetv1,
    options: (api: FaceApi) => new api.SsdMobilenetv1Options({ maxResults: 100 }),
  },
  tiny: {
    net: (api: FaceApi) => api.nets.tinyFaceDetector,
    options: (api: FaceApi) => new api.TinyFaceDetectorOptions(),
  },
};

const run = process.argv[3] === 'http' ? serveHttp : serve;
run(async (): Promise<Peer> => {
  const name = process.argv[2];
  if (name !== 'ssd' && name !== 'tiny') throw new Error(`the detector is "ssd" or "tiny", not "${name}"`);
  const detector = DETECTORS[name];

  const wasm: { setWasmPaths(folder: string): void } = requireFromRoot('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(WASM_FOLDER);
  const api: FaceApi = requireFromRoot('./node_modules/@vladmandic/face-api/dist/face-api.node-wasm.js');
  await api.tf.setBackend('wasm');
  await api.tf.ready();
  const models = path.resolve('node_modules/@vladmandic/face-api/model');
  await Promise.all([detector.net(api).loadFromDisk(models), api.nets.ageGenderNet.loadFromDisk(models)]);

  const options = detector.options(api);
  const version = typeof api.version === 'string' ? api.version : '';
  return {
    description: `face-api ${version} ${name} on ${await describeEngine(api.tf)}`,
    estimate: (files) => estimateEach(files, (picture) => estimate(api, options, picture)),
  };
});

async function estimate(
  api: FaceApi,
  options: object,
  { width, height, data }: Picture,
): Promise<PeerFace[]> {
  const tensor = api.tf.tensor(data, [height, width, 3], 'int32');
  const faces = await api.detectAllFaces(tensor, options).withAgeAndGender();
  api.tf.dispose(tensor);
  return faces.map(({ detection, age, gender }) => ({
    box: {
      x: detection.box.x,
      y: detection.box.y,
      width: detection.box.width,
      height: detection.box.height,
    },
    age,
    gender,
  }));
}
