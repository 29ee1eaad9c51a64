/** How faces lie in ready crops and in boxes of a set, measured of photographs of which that is known. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from '../../runtime/node.js';
import { cropImage, cropRegion, FaceDetector, findFaces, overlap } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { type ImportOptions, importDataset } from '../import/index.js';
import type { DatasetReader, Sample } from '../types.js';
import { boxesOf, detectorBox, framingOf } from './known.js';

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

let folder: string;
let detector: FaceDetector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-framing-'));
  detector = new FaceDetector(await createSession(await readFile('models/face-detector.onnx'), 'detector'));
});
afterAll(async () => {
  await detector.dispose();
  await rm(folder, { recursive: true });
});

/** Photographs, and the detector's box in each. */
async function photographs() {
  const names = (await readdir(PHOTOGRAPHS!)).filter((_, i) => i % 160 === 7);
  return Promise.all(
    names.map(async (name) => {
      const path = join(PHOTOGRAPHS!, name);
      const photo = await decodeImage(path);
      const [found] = await findFaces(detector, photo, { turn: false });
      return { name, path, photo, face: found!.face };
    }),
  );
}

function importSamples(name: string, samples: readonly Sample[], more: Partial<ImportOptions> = {}) {
  const about = { id: 'made', title: 'Made', homepage: '', citation: '', terms: '', labels: 'exact age' };
  const reader = {
    ...{ ...about, options: {} },
    async *read() {
      yield* samples;
    },
  } as DatasetReader;
  return importDataset('x', join(folder, name), { reader, detector, ...more });
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

it.skipIf(PHOTOGRAPHS === undefined)(
  'an import finds the crop again that faces were cut out by',
  async () => {
    const faces = await photographs();
    for (const margin of [-0.05, 0.1, 0.4]) {
      const cut = { ...CROP, margin };
      const samples: Sample[] = [];
      for (const { name, photo, face } of faces) {
        const { width, height, data } = cropImage(photo, face, { ...SPEC, ...cut });
        const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
          .png()
          .toBuffer();
        samples.push({ path: name, image: { bytes: async () => bytes }, age: { age: 30 } });
      }
      const { framing } = await importSamples(`store${margin}`, samples);
      expect(framing).toMatchObject({ looked: faces.length, aspect: { low: 1, high: 1 } });
      expect(framing!.found).toBeGreaterThan(0.95 * faces.length);
      const known = framingOf(framing!)!;
      expect(Math.abs(known.margin - margin)).toBeLessThan(0.02);
      expect(Math.abs(known.offset[0] - CROP.offset[0])).toBeLessThan(0.015);
      expect(Math.abs(known.offset[1] - CROP.offset[1])).toBeLessThan(0.015);
      const ious = faces.map(({ photo, face }) => {
        const [a, b] = [cut, { ...cut, ...known }].map((crop) => {
          const { center, width, height } = cropRegion(photo, face, crop);
          return { x: center.x - width / 2, y: center.y - height / 2, width, height };
        });
        return overlap(a!, b!).iou;
      });
      expect(Math.min(...ious)).toBeGreaterThan(0.9);
    }
  },
  120_000,
);

it.skipIf(PHOTOGRAPHS === undefined)(
  "an import finds where the detector's boxes lie in those of a set, in whole pictures and in those cut out by them",
  async () => {
    const faces = await photographs();
    /** As a box that reaches from the hair to the neck, and one that is tight around eyes and mouth. */
    const kinds = [
      { scale: [0.7, 0.62], offset: [0.03, -0.06] },
      { scale: [1.3, 1.5], offset: [0, -0.1] },
    ] as const;
    for (const kind of kinds) {
      const samples = faces.map(({ name, path, face: { box } }): Sample => {
        const [width, height] = [box.width / kind.scale[0], box.height / kind.scale[1]];
        const faceBox = {
          x: box.x + box.width / 2 - (0.5 + kind.offset[0]) * width,
          y: box.y + box.height / 2 - (0.5 + kind.offset[1]) * height,
          ...{ width, height },
        };
        return { path: name, image: { file: path }, age: { age: 30 }, faceBox };
      });
      for (const crop of [undefined, { by: 'label', margin: 0.6, alignment: 'none' } as const]) {
        const store = `boxes-${kind.scale[0]}-${crop?.by}`;
        const { framing, boxes } = await importSamples(store, samples, { pictures: crop ? { crop } : {} });
        expect(framing).toBeUndefined();
        const known = boxesOf(boxes!)!;
        for (const axis of [0, 1] as const) {
          expect(Math.abs(known.scale[axis] / kind.scale[axis] - 1)).toBeLessThan(0.03);
          expect(Math.abs(known.offset[axis] - kind.offset[axis])).toBeLessThan(0.015);
        }
        const ious = samples.map(
          ({ faceBox }, i) => overlap(detectorBox(faceBox!, known), faces[i]!.face.box).iou,
        );
        expect(median(ious)).toBeGreaterThan(0.95);
      }
    }
    const crop = { by: 'detector', margin: 0.4, alignment: 'none' } as const;
    const own = faces
      .slice(0, 3)
      .map(({ name, path }) => ({ path: name, image: { file: path }, age: { age: 30 } }));
    expect((await importSamples('own', own, { pictures: { crop } })).boxes).toBeUndefined();
  },
  120_000,
);

it.runIf(PHOTOGRAPHS === undefined)('is skipped: ../shared/data/all-age-faces is missing', () => {
  console.log('skipped: ../shared/data/all-age-faces is not there');
});
