import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { DETECTOR_PACKAGE } from '../scripts/models/detector.js';
import { AGE_PACKAGE, ageSource, buildAgeModel, UNCALIBRATED } from '../scripts/models/hse-faceres.js';
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

  it('the detector takes a picture of any size, and gives the cells above a score', async () => {
    const session = await ort.InferenceSession.create(join(MODELS, 'face-detector.onnx'), {
      logSeverityLevel: 3,
    });
    const run = (least: number) =>
      session.run({
        image: new ort.Tensor('uint8', new Uint8Array(35 * 45 * 3).fill(128), [1, 35, 45, 3]),
        least: new ort.Tensor('float32', Float32Array.of(least), []),
      });
    const all = await run(Number.NEGATIVE_INFINITY);
    // The canvas is 64×64, of which a cell takes 4×4.
    expect(Array.from(all.cells!.data as BigInt64Array, Number)).toEqual(
      Array.from({ length: 256 }, (_, i) => i),
    );
    expect(all.logits!.dims).toEqual([256]);
    expect(all.points!.dims).toEqual([16, 256]);
    expect(all.evidence!.dims).toEqual([256]);

    const highest = Math.max(...(all.logits!.data as Float32Array));
    const best = await run(highest);
    const cell = (all.logits!.data as Float32Array).indexOf(highest);
    expect(Array.from(best.cells!.data as BigInt64Array, Number)).toEqual([cell]);
    expect(best.points!.data[4]).toBe(all.points!.data[4 * 256 + cell]);
    expect(best.evidence!.data[0]).toBe(all.evidence!.data[cell]);
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

    it('the age model, uncalibrated, matches the original in TensorFlow.js to 1e-3', async () => {
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
      const uncalibrated = await buildAgeModel(DEFAULT_CACHE, UNCALIBRATED);
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
