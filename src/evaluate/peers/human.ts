/** `@vladmandic/human`: BlazeFace, then HSE-FaceRes. It detects the face itself, also in crops. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { labelledOf, loadPeer, type Peer, peerFile, type TensorFlow } from './peer.js';

const NAME = 'human';
const PACKAGE = '@vladmandic/human';
const KERNELS = '@tensorflow/tfjs-backend-wasm';

interface HumanFace {
  /** x, y, width and height as shares of the picture. */
  readonly boxRaw: readonly [number, number, number, number];
  readonly age?: number;
  readonly gender?: 'female' | 'male' | 'unknown';
  readonly genderScore?: number;
}

export interface Human {
  readonly version: string;
  readonly tf: TensorFlow & { readonly io: { registerLoadRouter(router: (url: unknown) => unknown): void } };
  load(): Promise<void>;
  detect(input: object): Promise<{ readonly face: readonly HumanFace[]; readonly error: string | null }>;
}

const OFF = { enabled: false };

/**
 * Face detection, age and gender on WebAssembly, nothing else.
 * @throws EvaluationError if the package is not installed
 */
export async function loadHuman(): Promise<Human> {
  const file = peerFile(NAME, PACKAGE, 'dist/human.node-wasm.js');
  const { Human } = loadPeer<{ Human: new (config: object) => Human }>(file);
  const library = new Human({
    backend: 'wasm',
    wasmPath: `${dirname(peerFile(NAME, KERNELS, 'dist/tfjs-backend-wasm.wasm'))}/`,
    modelBasePath: pathToFileURL(join(dirname(dirname(file)), 'models')).href,
    debug: false,
    // Pictures are unrelated: nothing may be cached from one to the next.
    cacheSensitivity: 0,
    warmup: 'none',
    filter: OFF,
    gesture: OFF,
    body: OFF,
    hand: OFF,
    object: OFF,
    segmentation: OFF,
    face: {
      enabled: true,
      detector: { maxDetected: 100 },
      mesh: OFF,
      attention: OFF,
      iris: OFF,
      emotion: OFF,
      antispoof: OFF,
      liveness: OFF,
      description: { enabled: true },
    },
  });
  // TensorFlow.js reads files only with its native bindings.
  library.tf.io.registerLoadRouter((url) =>
    typeof url === 'string' && url.startsWith('file:') ? { load: () => readModel(fileURLToPath(url)) } : null,
  );
  await library.load();
  return library;
}

/** @throws EvaluationError if the package is not installed */
export async function human(): Promise<Peer> {
  const library = await loadHuman();
  return {
    name: NAME,
    async estimate({ width, height, data }, box) {
      const tensor = library.tf.tensor(data, [1, height, width, 3], 'float32');
      try {
        const { face: faces, error } = await library.detect(tensor);
        if (error) throw new Error(error);
        const face = labelledOf(
          faces.map((one) => {
            const [x, y, w, h] = one.boxRaw;
            return { ...one, box: { x: x * width, y: y * height, width: w * width, height: h * height } };
          }),
          box,
        );
        if (face?.age === undefined) return undefined;
        const { age, gender, genderScore = 0.5 } = face;
        const known = gender === 'female' || gender === 'male';
        return {
          age: { mean: age },
          ...(known && { female: gender === 'female' ? genderScore : 1 - genderScore }),
        };
      } finally {
        library.tf.dispose(tensor);
      }
    },
  };
}

async function readModel(file: string): Promise<object> {
  const model = JSON.parse(await readFile(file, 'utf8'));
  const shards: { paths: string[]; weights: object[] }[] = model.weightsManifest;
  const files = shards.flatMap(({ paths }) => paths.map((name) => join(dirname(file), name)));
  const weights = Buffer.concat(await Promise.all(files.map((name) => readFile(name))));
  return {
    ...model,
    weightSpecs: shards.flatMap((shard) => shard.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  };
}
