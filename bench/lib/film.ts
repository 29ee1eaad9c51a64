/** Films for a browser's camera: photographed faces that wander about on grey. */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { AgeEstimator } from '../../src/estimate/index.js';
import { ROOT } from './paths.js';

const SIZE = { width: 640, height: 480 };
/** At 30 frames a second. */
const FRAMES = 150;
/** The side of a portrait in faces' sizes, and in pixels of the film. */
const PORTRAIT = 1.7;
const FILM_FACE = 260;

const PHOTOS = ['sample1.jpg', 'sample6.jpg'].map((name) =>
  join(ROOT, 'node_modules/@vladmandic/face-api/demo', name),
);

export interface FilmOptions {
  readonly faces: 1 | 2;
  /** Whether the first half is without people. */
  readonly entering?: boolean;
}

/** @returns the path of a film, which Chromium repeats */
export async function film({ faces, entering = false }: FilmOptions): Promise<string> {
  const estimator = await AgeEstimator.load();
  const portraits: Buffer[] = [];
  for (const photo of PHOTOS.slice(0, faces)) portraits.push(await portrait(estimator, photo));
  await estimator.dispose();
  const frames: Buffer[] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    const phase = (2 * Math.PI * frame) / FRAMES;
    const parts = portraits.map((input, i) => ({
      input,
      left: Math.round(((i + 0.5) * SIZE.width) / faces - FILM_FACE / 2 + 25 * Math.sin(phase + i)),
      top: Math.round((SIZE.height - FILM_FACE) / 2 + 20 * Math.cos(phase + i)),
    }));
    const canvas = sharp({ create: { ...SIZE, channels: 3, background: '#808080' } });
    const shown = entering && frame < FRAMES / 2 ? [] : parts;
    frames.push(await canvas.composite(shown).jpeg({ quality: 90 }).toBuffer());
  }
  const path = join(tmpdir(), `agewise-film-${faces}${entering ? '-entering' : ''}-${process.pid}.mjpeg`);
  await writeFile(path, Buffer.concat(frames));
  return path;
}

/** The largest face of a photograph with what is around it, without other faces. */
async function portrait(estimator: AgeEstimator, photo: string): Promise<Buffer> {
  const { faces, width, height } = await estimator.estimate(photo, { order: 'size', maxFaces: 1 });
  const { box } = faces[0]!;
  const side = Math.round(Math.min(PORTRAIT * Math.max(box.width, box.height), width, height));
  const within = (centre: number, whole: number) =>
    Math.round(Math.max(0, Math.min(whole - side, centre - side / 2)));
  const left = within(box.x + box.width / 2, width);
  const top = within(box.y + box.height / 2, height);
  return sharp(photo).extract({ left, top, width: side, height: side }).resize(FILM_FACE).png().toBuffer();
}
