import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { DETECTOR_PACKAGE } from '../scripts/models/detector.js';
import { AGE_PACKAGE, ageSource, buildAgeModel } from '../scripts/models/hse-faceres.js';
import { SHIPPED } from '../scripts/models/shipped.js';
import { archivePath, DEFAULT_CACHE, sha256 } from '../scripts/models/source.js';
import { writeModel } from '../src/onnx/index.js';

const MODELS = join(import.meta.dirname, '../models');
const cached = [DETECTOR_PACKAGE, AGE_PACKAGE].every((p) => existsSync(archivePath(p, DEFAULT_CACHE)));

describe('models that ship', () => {
  it.each(SHIPPED)('$file is the one that its script makes', async ({ file, sha256: expected }) => {
    expect(sha256(await readFile(join(MODELS, file)))).toBe(expected);
  });

  it.each(SHIPPED)('$file comes with a card', ({ file }) => {
    expect(existsSync(join(MODELS, file.replace(/\.onnx$/, '.md')))).toBe(true);
  });

  it('the detector takes any size that is a multiple of 32, and batches', async () => {
    const session = await ort.InferenceSession.create(join(MODELS, 'face-detector.onnx'), {
      logSeverityLevel: 3,
    });
    for (const [n, h, w] of [
      [1, 96, 128],
      [2, 64, 32],
    ] as const) {
      const image = new ort.Tensor('float32', new Float32Array(n * 3 * h * w), [n, 3, h, w]);
      const { cls, reg } = await session.run({ image });
      expect(cls!.dims).toEqual([n, 1, h / 4, w / 4]);
      expect(reg!.dims).toEqual([n, 16, h / 4, w / 4]);
    }
  });
});

describe.skipIf(!cached)(
  `models made again (skipped without the package archives in ${DEFAULT_CACHE}: npm run models)`,
  () => {
    beforeAll(async () => {
      await tf.setBackend('cpu');
    });

    it.each(SHIPPED)('$file has the same bytes', async ({ build, sha256: expected }) => {
      expect(sha256(writeModel(await build(DEFAULT_CACHE)))).toBe(expected);
    });

    it('the age model, uncalibrated, answers as the original in TensorFlow.js does, to 1e-3', async () => {
      const { json, weights } = await ageSource(DEFAULT_CACHE);
      const source = json as {
        modelTopology: object;
        signature: object;
        weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
      };
      const original = await tf.loadGraphModel(
        tf.io.fromMemory({
          modelTopology: source.modelTopology,
          weightSpecs: source.weightsManifest.flatMap((group) => group.weights),
          weightData: new Uint8Array(weights).buffer,
          format: 'graph-model',
          signature: source.signature,
        }),
      );
      // A smooth picture, in the range of BGR minus its mean.
      const size = 224;
      const pixels = Float32Array.from({ length: 3 * size * size }, (_, i) => {
        const [c, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
        return 110 * Math.sin(x / 31 + c) * Math.cos(y / 23 - c);
      });
      const nchw = tf.tensor4d(pixels, [1, 3, size, size]);
      const outputs = ['age_pred/Softmax', 'gender_pred/Sigmoid'];
      const expected = original.execute(
        { input_1: tf.transpose(nchw, [0, 2, 3, 1]) },
        outputs,
      ) as tf.Tensor[];
      const uncalibrated = await buildAgeModel(DEFAULT_CACHE, { tilt: 0, male: 0 });
      const session = await ort.InferenceSession.create(writeModel(uncalibrated), { logSeverityLevel: 3 });
      const { age, gender } = await session.run({
        image: new ort.Tensor('float32', pixels, [1, 3, size, size]),
      });
      const worst = (found: ort.Tensor, wanted: tf.Tensor) => {
        const ours = found.data as Float32Array;
        return Math.max(...wanted.dataSync().map((v, i) => Math.abs(v - ours[i]!)));
      };
      expect(worst(age!, expected[0]!)).toBeLessThan(1e-3);
      expect(worst(gender!, expected[1]!)).toBeLessThan(1e-3);
    });
  },
);
