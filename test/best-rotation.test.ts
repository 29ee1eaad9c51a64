/** Faces are turned to the best of several rotations, in import and in use alike. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Store } from '../src/data/index.js';
import { loadFaceNetworks } from '../src/estimate/node.js';
import { METADATA_KEY } from '../src/metadata/index.js';
import { readModel, withMetadata, writeModel } from '../src/onnx/index.js';
import { shippedModelPath } from '../src/registry/node.js';
import { createSession } from '../src/runtime/node.js';
import { FaceDetector, rollAngle } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';
import { agewise } from './support/command.js';

const SAMPLE = join(import.meta.dirname, '../node_modules/@vladmandic/face-api/demo/sample1.jpg');
const TIMEOUT = 120_000;
/** In degrees. */
const TILT = 25;

let cwd: string;
let tilted: string;
let detector: FaceDetector;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-rotation-'));
  await mkdir(join(cwd, 'photos'));
  tilted = join(cwd, 'photos', '25_1_0_20170116220224650.jpg');
  const face = await sharp(SAMPLE).extract({ left: 230, top: 200, width: 520, height: 560 }).toBuffer();
  await sharp(face).rotate(TILT, { background: '#888888' }).jpeg().toFile(tilted);
  const path = await shippedModelPath('face-detector');
  detector = new FaceDetector(await createSession(await readFile(path!), 'face-detector'));
});
afterAll(async () => {
  await detector?.dispose();
  await rm(cwd, { recursive: true });
});

const degrees = (radians: number) => (radians * 180) / Math.PI;

it(
  'a store has them upright, and says so',
  async () => {
    const args = ['photos', 'turned', '--detect', '--rotations', '--margin', '0.5', '--no-duplicates'];
    const { code, stderr } = await agewise(['data', 'import', 'utkface', ...args], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const store = await Store.open(join(cwd, 'turned'));
    expect(store.info.options.pictures.crop!.alignment).toBe('rotations');
    const crop = join(cwd, 'turned.jpg');
    await writeFile(crop, await store.image(0));
    await store.close();
    const [before, after] = await Promise.all(
      [tilted, crop].map(async (file) => {
        const [face] = await detector.detect(await decodeImage(file));
        return degrees(rollAngle(face!.landmarks));
      }),
    );
    expect(before).toBeGreaterThan(15);
    expect(Math.abs(after!)).toBeLessThan(10);
  },
  TIMEOUT,
);

it(
  'a model that asks for it sees them so',
  async () => {
    const model = readModel(await readFile((await shippedModelPath('agewise-base'))!));
    const document = JSON.parse(model.metadata.get(METADATA_KEY)!);
    document.input.alignment = 'rotations';
    const asking = writeModel(withMetadata(model, METADATA_KEY, JSON.stringify(document)));
    const networks = await loadFaceNetworks({ models: [{ name: 'asking', model: asking }] });
    const image = await decodeImage(tilted);
    const [found] = (await networks.find(image, {}))!;
    const labelled = await networks.findLabelled(image, undefined);
    await networks.dispose();
    expect(Math.abs(degrees(found!.region.angle!) - TILT)).toBeLessThanOrEqual(10);
    expect((labelled!.region as { angle?: number }).angle).toBe(found!.region.angle);
  },
  TIMEOUT,
);
