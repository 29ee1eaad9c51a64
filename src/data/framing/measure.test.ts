/** How faces lie in ready crops, measured of photographs from which they were cut as is known. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createSession } from '../../runtime/node.js';
import { cropImage, cropRegion, FaceDetector, findFaces, overlap } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { importDataset } from '../import/index.js';
import type { DatasetReader, Sample } from '../types.js';
import { framingOf } from './known.js';

const PHOTOGRAPHS = ['../shared', '../../shared']
  .map((shared) => join(import.meta.dirname, '../../..', shared, 'data/all-age-faces/original images'))
  .find(existsSync);

const CROP = { margin: -0.05, offset: [0.04, 0.08], crop: 'square', alignment: 'none' } as const;
const SPEC = {
  width: 112,
  height: 112,
  color: 'RGB',
  layout: 'NHWC',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
} as const;

it.skipIf(PHOTOGRAPHS === undefined)(
  'an import finds the crop again that faces were cut out by',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agewise-framing-'));
    const detector = new FaceDetector(
      await createSession(await readFile('models/face-detector.onnx'), 'detector'),
    );
    try {
      const names = (await readdir(PHOTOGRAPHS!)).filter((_, i) => i % 400 === 7);
      const samples: Sample[] = [];
      const cuts = [];
      for (const name of names) {
        const photo = await decodeImage(join(PHOTOGRAPHS!, name));
        const [found] = await findFaces(detector, photo, { turn: false });
        const { width, height, data } = cropImage(photo, found!.face, { ...SPEC, ...CROP });
        const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
          .png()
          .toBuffer();
        samples.push({ path: name, image: { bytes: async () => bytes }, age: { age: 30 } });
        cuts.push({ photo, face: found!.face });
      }
      const reader = {
        ...{
          id: 'made',
          title: 'Made',
          homepage: '',
          citation: '',
          terms: '',
          labels: 'exact age',
          options: {},
        },
        async *read() {
          yield* samples;
        },
      } as DatasetReader;
      const { framing } = await importDataset('x', join(folder, 'store'), { reader, detector });
      expect(framing).toMatchObject({
        looked: names.length,
        found: names.length,
        aspect: { low: 1, high: 1 },
      });
      const known = framingOf(framing!)!;
      expect(Math.abs(known.margin - CROP.margin)).toBeLessThan(0.035);
      expect(Math.abs(known.offset[0] - CROP.offset[0])).toBeLessThan(0.025);
      expect(Math.abs(known.offset[1] - CROP.offset[1])).toBeLessThan(0.025);
      for (const { photo, face } of cuts) {
        const [a, b] = [CROP, { ...CROP, ...known }].map((crop) => {
          const { center, width, height } = cropRegion(photo, face, crop);
          return { x: center.x - width / 2, y: center.y - height / 2, width, height };
        });
        expect(overlap(a!, b!).iou).toBeGreaterThan(0.88);
      }
    } finally {
      await detector.dispose();
      await rm(folder, { recursive: true });
    }
  },
  60_000,
);
