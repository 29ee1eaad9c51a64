/** `@vladmandic/face-api`: SSD MobileNet v1, then its network of age and gender, which also takes ready crops. */
import { dirname, join } from 'node:path';
import { cut, labelledOf, loadPeer, type Peer, type PeerBox, peerFile, type TensorFlow } from './peer.js';

const NAME = 'face-api';
const PACKAGE = '@vladmandic/face-api';
/** The package with TensorFlow.js' WebAssembly kernels. */
const KERNELS = '@tensorflow/tfjs-backend-wasm';

interface AgeGender {
  readonly age: number;
  readonly gender: 'female' | 'male';
  readonly genderProbability: number;
}

/** The detectors: SSD MobileNet v1 and Tiny YOLO v2. */
type Detector = 'ssdMobilenetv1' | 'tinyFaceDetector';

export interface FaceApi {
  readonly version: unknown;
  readonly tf: TensorFlow;
  readonly nets: Record<Detector, { loadFromDisk(folder: string): Promise<void> }> & {
    readonly ageGenderNet: {
      loadFromDisk(folder: string): Promise<void>;
      predictAgeAndGender(input: object): Promise<AgeGender>;
    };
  };
  readonly SsdMobilenetv1Options: new (options: { maxResults: number }) => object;
  readonly TinyFaceDetectorOptions: new () => object;
  detectAllFaces(
    input: object,
    options: object,
  ): {
    withAgeAndGender(): PromiseLike<(AgeGender & { readonly detection: { readonly box: PeerBox } })[]>;
  };
}

/**
 * A detector and the network of age and gender on WebAssembly.
 * @throws EvaluationError if the package is not installed
 */
export async function loadFaceApi(detector: Detector): Promise<FaceApi> {
  const file = peerFile(NAME, PACKAGE, 'dist/face-api.node-wasm.js');
  const kernels = dirname(peerFile(NAME, KERNELS, 'dist/tfjs-backend-wasm.wasm'));
  loadPeer<{ setWasmPaths(folder: string): void }>(
    peerFile(NAME, KERNELS, 'dist/tf-backend-wasm.node.js'),
  ).setWasmPaths(`${kernels}/`);
  const api = loadPeer<FaceApi>(file);
  await api.tf.setBackend('wasm');
  await api.tf.ready();
  const models = join(dirname(dirname(file)), 'model');
  await Promise.all([api.nets[detector].loadFromDisk(models), api.nets.ageGenderNet.loadFromDisk(models)]);
  return api;
}

/** @throws EvaluationError if the package is not installed */
export async function faceApi(): Promise<Peer> {
  const api = await loadFaceApi('ssdMobilenetv1');
  const options = new api.SsdMobilenetv1Options({ maxResults: 100 });
  return {
    name: NAME,
    async estimate(whole, box, cropped) {
      const { width, height, data } = cropped ? cut(whole, box) : whole;
      const tensor = api.tf.tensor(data, [height, width, 3], 'int32');
      try {
        const face = cropped
          ? await api.nets.ageGenderNet.predictAgeAndGender(tensor)
          : labelledOf(
              (await api.detectAllFaces(tensor, options).withAgeAndGender()).map((one) => ({
                ...one,
                box: one.detection.box,
              })),
              box,
            );
        if (face === undefined) return undefined;
        const { age, gender, genderProbability } = face;
        return {
          age: { mean: age },
          female: gender === 'female' ? genderProbability : 1 - genderProbability,
        };
      } finally {
        api.tf.dispose(tensor);
      }
    },
  };
}
