/** The detector that ships on drawings that hold no face. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_DETECTOR, DETECTORS, type Detector } from '../bench/detectors.js';
import { type DrawingKind, drawing } from '../bench/lib/drawings.js';
import { findFaces, type PixelImage, rotateImage } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';

/** Below the detector's default of 0.45 there is no second look. */
const WITHOUT_SECOND_LOOK = 0.449;
const SEED = 500;
const PICTURES: Readonly<Partial<Record<DrawingKind, number>>> = {
  lights: 12,
  discs: 2,
  leaves: 2,
  boxes: 2,
  fronts: 4,
  houses: 4,
  buttons: 4,
};

/** A house with a score of 0.86, higher than most faces have. */
const HOUSE = { kind: 'houses', seed: 5002 } as const;

/** Wood with a knot of 10 pixels, before the picture is turned. */
const KNOT = {
  kind: 'planks',
  seed: 3_000_009,
  sizes: [
    [256, 256],
    [320, 240],
    [240, 320],
    [400, 400],
  ],
} as const;

let detector: Detector;
let images: PixelImage[];
beforeAll(async () => {
  detector = await DETECTORS[DEFAULT_DETECTOR]!({ threads: 1 });
  const drawn = Object.entries(PICTURES).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, i) => drawing(kind as DrawingKind, SEED + i)),
  );
  images = await Promise.all(drawn);
}, 60_000);
afterAll(() => detector.dispose());

it('finds no face in lights out of focus, leaves, houses and buttons that resemble faces', async () => {
  const found = { atFirst: 0, inTheEnd: 0 };
  for (const image of images) {
    const first = await findFaces(detector, image, { turn: true, minScore: WITHOUT_SECOND_LOOK });
    const faces = await findFaces(detector, image, { turn: true });
    if (first.length > 0) found.atFirst++;
    if (faces.length > 0) found.inTheEnd++;
  }
  expect(found.atFirst).toBeGreaterThanOrEqual(4);
  expect(found.inTheEnd).toBe(0);
}, 120_000);

it('finds no face in a house that scores higher than most faces', async () => {
  const house = await drawing(HOUSE.kind, HOUSE.seed);
  const [first] = await findFaces(detector, house, { turn: true, minScore: WITHOUT_SECOND_LOOK });
  expect(first!.face.score).toBeGreaterThan(0.85);
  expect(await findFaces(detector, house, { turn: true })).toEqual([]);
}, 60_000);

it('finds no face in a small knot of wood', async () => {
  const wood = rotateImage(await drawing(KNOT.kind, KNOT.seed, KNOT.sizes), 270);
  const [first] = await detector.detect(wood, { minScore: WITHOUT_SECOND_LOOK });
  expect(first!.box.width).toBeLessThan(15);
  expect(await detector.detect(wood)).toEqual([]);
}, 60_000);

it('finds faces in a photograph, and none in the banister behind them', async () => {
  const photo = new URL('../node_modules/@vladmandic/face-api/demo/sample5.jpg', import.meta.url);
  const faces = await findFaces(detector, await decodeImage(await readFile(photo)), { turn: false });
  expect(faces.filter(({ face }) => face.box.y < 50)).toEqual([]);
  expect(faces.length).toBeGreaterThanOrEqual(4);
}, 60_000);
