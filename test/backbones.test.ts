import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKBONES } from '../scripts/models/backbones.js';
import { buildDlib } from '../scripts/models/dlib.js';
import { sha256 } from '../scripts/models/source.js';
import { type Model, writeModel } from '../src/onnx/index.js';
import { loadBackbone } from '../src/train/index.js';

const FACE_API = join(import.meta.dirname, '../node_modules/@vladmandic/face-api');
const SIDE = 150;

/** What of face-api is called here. */
interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<boolean>;
    tensor(data: Uint8Array, shape: readonly number[], dtype: 'int32'): object;
  };
  readonly nets: {
    readonly faceRecognitionNet: {
      loadFromDisk(folder: string): Promise<void>;
      computeFaceDescriptor(input: object): Promise<Float32Array>;
    };
  };
}

describe("dlib's face ResNet", () => {
  let model: Model;
  let folder: string;

  beforeAll(async () => {
    model = await buildDlib();
    folder = await mkdtemp(join(tmpdir(), 'agewise-backbones-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is the file whose hash is listed', () => {
    const listed = BACKBONES.find(({ file }) => file === 'dlib-face-resnet.onnx')!;
    expect(sha256(writeModel(model))).toBe(listed.sha256);
  });

  it("describes a face as face-api's does in TensorFlow.js, to 1e-5", async () => {
    // The first face of the picture.
    const pixels = await sharp(join(FACE_API, 'demo/sample1.jpg'))
      .extract({ left: 900, top: 150, width: 500, height: 500 })
      .resize(SIDE, SIDE)
      .raw()
      .toBuffer();
    const api = createRequire(import.meta.url)(join(FACE_API, 'dist/face-api.node-wasm.js')) as FaceApi;
    await api.tf.setBackend('cpu');
    const net = api.nets.faceRecognitionNet;
    await net.loadFromDisk(join(FACE_API, 'model'));
    const expected = await net.computeFaceDescriptor(api.tf.tensor(pixels, [SIDE, SIDE, 3], 'int32'));

    const { input } = await loadedFrom(model, folder);
    const plane = SIDE * SIDE;
    const image = Float32Array.from({ length: 3 * plane }, (_, i) => {
      const c = Math.floor(i / plane);
      return (pixels[3 * (i % plane) + c]! - input.mean[c]!) * input.scale[c]!;
    });
    const session = await ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
    const { descriptor } = await session.run({ image: new ort.Tensor('float32', image, [1, 3, SIDE, SIDE]) });
    const found = descriptor!.data as Float32Array;
    expect(found).toHaveLength(128);
    expect(Math.hypot(...expected)).toBeGreaterThan(0.5);
    expect(Math.max(...expected.map((v, i) => Math.abs(v - found[i]!)))).toBeLessThan(1e-5);
  });

  it('is a backbone of 256 features that a recipe finds by itself, with the facts of its input', async () => {
    const { model: trunk, features, input, parameters } = await loadedFrom(model, folder);
    expect(features).toBe('features');
    expect(trunk.graph.outputs[0]!.type!.shape).toEqual(['N', 256]);
    expect(input).toMatchObject({
      width: SIDE,
      height: SIDE,
      color: 'RGB',
      mean: [122.782, 117.001, 104.298],
    });
    // 29 convolutions, each with a bias for each channel.
    expect(parameters).toHaveLength(58);
    const count = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + trunk.graph.initializers.get(name)!.data.length / 4, 0);
    const biases = parameters.filter((name) => name.endsWith('.bias'));
    expect(count(parameters.slice(0, 1))).toBe(7 * 7 * 3 * 32);
    // What face-api lists is 5,614,592: its last matrix and two more numbers for each channel are not learnt from here.
    expect(count(parameters)).toBe(5_614_592 - 256 * 128 - 2 * count(biases));
    expect(trunk.metadata.size).toBe(0);
  });
});

async function loadedFrom(model: Model, folder: string) {
  const file = join(folder, 'dlib.onnx');
  await writeFile(file, writeModel(model));
  return loadBackbone({ file });
}
