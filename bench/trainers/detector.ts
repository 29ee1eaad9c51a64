/** Detections of a checkout: `detector.ts CHECKOUT THREADS WIDTH HEIGHT FILE...`. A step is all files once. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PixelImage } from '../../src/vision/index.js';
import { readPixels, resize } from '../lib/pixels.js';
import { serveSteps } from './serve.js';

const [checkout, threads, width, height, ...files] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const module = pathToFileURL(path.join(checkout, 'bench', 'detectors.ts')).href;
const { DETECTORS, DEFAULT_DETECTOR } = (await import(module)) as typeof import('../detectors.js');
const detector = await DETECTORS[DEFAULT_DETECTOR]!({ threads: Number(threads) });
const images: PixelImage[] = [];
for (const file of files) images.push(await resize(await readPixels(file), Number(width), Number(height)));

await serveSteps({ description: `the detector of ${checkout}` }, async () => {
  const start = performance.now();
  let faces = 0;
  for (const image of images) faces += (await detector.detect(image)).length;
  return { milliseconds: performance.now() - start, loss: faces };
});
await detector.dispose();
