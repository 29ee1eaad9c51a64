/** `@vladmandic/human`: face detection (BlazeFace), age and gender (HSE-FaceRes), nothing else. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { estimateEach, type Picture } from './pictures.js';
import { describeEngine, requireFromRoot, type Tensor, type TensorFlow, WASM_FOLDER } from './tensorflow.js';
import { type Peer, type PeerFace, serve } from './worker.js';

interface HumanFace {
  /** x, y, width and height as shares of the picture. */
  readonly boxRaw: readonly [number, number, number, number];
  readonly age?: number;
  readonly gender?: 'female' | 'male' | 'unknown';
}

interface Human {
  readonly version: string;
  readonly tf: TensorFlow;
  load(): Promise<void>;
  detect(input: Tensor): Promise<{ readonly face: readonly HumanFace[]; readonly error: string | null }>;
}

/** How much larger than the face human makes its boxes (its default): taken back where boxes are compared. */
const BOX_SCALE = 1.4;

const OFF = { enabled: false };

const CONFIG = {
  backend: 'wasm',
  wasmPath: WASM_FOLDER,
  modelBasePath: pathToFileURL(path.resolve('node_modules/@vladmandic/human/models')).href,
  debug: false,
  // Pictures are unrelated: nothing may be carried over from the one before, nor time spent on comparing them.
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
    detector: { maxDetected: 100, scale: BOX_SCALE },
    mesh: OFF,
    attention: OFF,
    iris: OFF,
    emotion: OFF,
    antispoof: OFF,
    liveness: OFF,
    description: { enabled: true },
  },
};

serve(async (): Promise<Peer> => {
  const library: { Human: new (config: object) => Human } = requireFromRoot(
    './node_modules/@vladmandic/human/dist/human.node-wasm.js',
  );
  const human = new library.Human(CONFIG);
  human.tf.io.registerLoadRouter((url) =>
    typeof url === 'string' && url.startsWith('file:') ? { load: () => readModel(fileURLToPath(url)) } : null,
  );
  await human.load();
  return {
    description: `human ${human.version} on ${await describeEngine(human.tf)}`,
    estimate: (files) => estimateEach(files, (picture) => estimate(human, picture)),
  };
});

async function estimate(human: Human, { width, height, data }: Picture): Promise<PeerFace[]> {
  const tensor = human.tf.tensor(data, [1, height, width, 3], 'float32');
  const result = await human.detect(tensor);
  human.tf.dispose(tensor);
  if (result.error) throw new Error(result.error);
  return result.face.map((face) => {
    const [x, y, w, h] = face.boxRaw;
    const box = { width: (w * width) / BOX_SCALE, height: (h * height) / BOX_SCALE };
    return {
      box: { x: (x + w / 2) * width - box.width / 2, y: (y + h / 2) * height - box.height / 2, ...box },
      age: face.age ?? Number.NaN,
      gender: face.gender === undefined || face.gender === 'unknown' ? null : face.gender,
    };
  });
}

/** TensorFlow.js reads files only with its native bindings; this is the same for its pure build. */
async function readModel(file: string): Promise<object> {
  const model = JSON.parse(await readFile(file, 'utf8'));
  const shards: { paths: string[]; weights: object[] }[] = model.weightsManifest;
  const files = shards.flatMap(({ paths }) => paths.map((name) => path.join(path.dirname(file), name)));
  const weights = Buffer.concat(await Promise.all(files.map((name) => readFile(name))));
  return {
    ...model,
    weightSpecs: shards.flatMap((shard) => shard.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  };
}
