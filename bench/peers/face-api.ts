/**
 * `@vladmandic/face-api`: a detector, then age and gender. The process's first argument names the detector:
 * `ssd` (SSD MobileNet v1) or `tiny` (Tiny YOLO v2). With `http` as the second it listens instead of taking messages.
 */
import { type FaceApi, loadFaceApi } from '../../src/evaluate/index.js';
import { describeEngine } from './engine.js';
import { serveHttp } from './http.js';
import { estimateEach, type Picture } from './pictures.js';
import { type Peer, type PeerFace, serve } from './worker.js';

/** Detectors with face-api's own defaults: confidence 0.5; the tiny one at 416 px. */
const DETECTORS = {
  ssd: {
    net: 'ssdMobilenetv1',
    options: (api: FaceApi) => new api.SsdMobilenetv1Options({ maxResults: 100 }),
  },
  tiny: { net: 'tinyFaceDetector', options: (api: FaceApi) => new api.TinyFaceDetectorOptions() },
} as const;

const run = process.argv[3] === 'http' ? serveHttp : serve;
run(async (): Promise<Peer> => {
  const name = process.argv[2];
  if (name !== 'ssd' && name !== 'tiny') throw new Error(`the detector is "ssd" or "tiny", not "${name}"`);
  const detector = DETECTORS[name];
  const api = await loadFaceApi(detector.net);
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
