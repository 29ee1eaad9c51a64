/**
 * Live video in headless Chromium on WebAssembly: Agewise, `@vladmandic/human` with and without its default skipping of frames,
 * and `@vladmandic/face-api`, in the same browser with the same camera file, in turns. Counts camera frames (by
 * `presentedFrames`) with a drawn result; Agewise computes each frame's ages from its own pixels.
 *
 * `npm run bench:web -- 3 6` sets the number of turns and the seconds of each.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { bundleWeb } from '../scripts/web/bundle.js';
import { AgeEstimator } from '../src/estimate/index.js';
import { chromiumFolder, chromiumRunsHere } from '../test/support/chromium.js';
import { serveWeb, type WebServer } from '../test/support/web-server.js';
import { AbsentError, ROOT } from './lib/paths.js';
import { formatTable, type Requirement, runBenchmark } from './lib/report.js';
import { median } from './lib/statistics.js';

const [ROUNDS = 3, SECONDS = 6] = process.argv.slice(2).map(Number);
const SIZE = { width: 640, height: 480 };
const FRAMES = 150;
/** The side of a portrait in multiples of the face's size, and in pixels of the video. */
const PORTRAIT = 1.7;
const FILM_FACE = 260;
/** With more running processes per core, besides this benchmark's, figures mean little. */
const BUSY = 0.25;

const PHOTOS = ['sample1.jpg', 'sample6.jpg'].map((name) =>
  join(ROOT, 'node_modules/@vladmandic/face-api/demo', name),
);

/** A contender's script in the page: `start` loads it and returns a function that takes a video frame. */
const HUMAN = (skipping: boolean) => `
  const { Human } = await import('/human/human.esm.js');
  const off = { enabled: false };
  const again = ${skipping ? '{}' : '{ skipFrames: 0, skipTime: 0 }'};
  const human = new Human({
    backend: 'wasm', wasmPath: '/tfjs-wasm/', modelBasePath: '/human-models/', debug: false, warmup: 'none',
    ${skipping ? '' : 'cacheSensitivity: 0,'}
    filter: off, gesture: off, body: off, hand: off, object: off, segmentation: off,
    face: { enabled: true, detector: { maxDetected: 2, ...again }, mesh: off, attention: off, iris: off, emotion: off, antispoof: off,
      liveness: off, description: { enabled: true, ...again } },
  });
  await human.load();
  globalThis.contender = async (video) => {
    const { face, error } = await human.detect(video);
    if (error) throw new Error(error);
    return face.map(({ box: [x, y, width, height], age }) => ({ x, y, width, height, age }));
  };`;

const CONTENDERS = {
  agewise: `
    const { AgeEstimator } = await import('/agewise/agewise.js');
    const onProgress = (event) => { if (event.phase === 'runtime') globalThis.runtime = event; };
    const estimator = await AgeEstimator.load({
      modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/', device: 'cpu', onProgress });
    const queue = [];
    let wake = () => {};
    const frames = (async function* () {
      for (;;) {
        while (queue.length === 0) await new Promise((resolve) => { wake = resolve; });
        yield queue.shift();
      }
    })();
    const results = estimator.follow(frames);
    globalThis.contender = async (video, time) => {
      const image = new VideoFrame(video);
      queue.push({ image, time });
      wake();
      const { value } = await results.next();
      image.close();
      return value.faces.map(({ face: { box, age } }) => ({ ...box, age }));
    };`,
  human: HUMAN(true),
  'human, no skipping': HUMAN(false),
  'face-api': `
    const api = await import('/face-api/face-api.esm.js');
    api.tf.setWasmPaths('/tfjs-wasm/');
    await api.tf.setBackend('wasm');
    await api.tf.ready();
    await Promise.all([api.nets.tinyFaceDetector, api.nets.ageGenderNet].map((net) => net.loadFromUri('/face-api-models')));
    const options = new api.TinyFaceDetectorOptions();
    globalThis.contender = async (video) => {
      const found = await api.detectAllFaces(video, options).withAgeAndGender();
      return found.map(({ detection: { box: { x, y, width, height } }, age }) => ({ x, y, width, height, age }));
    };`,
} as const;
type Contender = keyof typeof CONTENDERS;
const NAMES = Object.keys(CONTENDERS) as Contender[];

/** Shared by all pages: opens the camera and passes the newest frame to the contender as soon as it is free. */
const LOOP = `
  globalThis.watch = async (seconds) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 } });
    const video = document.querySelector('video');
    video.srcObject = stream;
    await video.play();
    const context = document.querySelector('canvas').getContext('2d');
    const longest = [0];
    const observer = new PerformanceObserver((list) => longest.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    let newest, wake = () => {};
    const onFrame = (now, { presentedFrames, mediaTime, captureTime }) => {
      newest = { presentedFrames, mediaTime, captured: captureTime ?? now };
      wake();
      if (video.srcObject) video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    const seen = new Set(), delays = [];
    let faces = 0, start;
    for (let last = -1; start === undefined || performance.now() < start + 1000 * seconds; ) {
      while (!newest || newest.presentedFrames === last) await new Promise((resolve) => { wake = resolve; });
      const { presentedFrames, captured } = newest;
      last = presentedFrames;
      const found = await contender(video, performance.now() / 1000);
      context.clearRect(0, 0, 640, 480);
      for (const { x, y, width, height, age } of found) {
        context.strokeRect(x, y, width, height);
        context.fillText(String(Math.round(age)), x, y);
      }
      // The first frame warms up.
      if (start === undefined) { start = performance.now(); longest.length = 1; continue; }
      seen.add(presentedFrames);
      delays.push(performance.now() - captured);
      faces += found.length;
    }
    const took = (performance.now() - start) / 1000;
    video.srcObject = null;
    for (const track of stream.getTracks()) track.stop();
    observer.disconnect();
    delays.sort((a, b) => a - b);
    return { rate: seen.size / took, p95: delays[Math.floor(0.95 * delays.length)] ?? NaN, longest: Math.max(...longest),
      faces: faces / Math.max(1, seen.size) };
  };`;

interface Turn {
  readonly rate: number;
  readonly p95: number;
  readonly longest: number;
  readonly faces: number;
}

/** The largest face of a photograph with its surroundings, without other faces. */
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

/** A video for Chromium's camera, which repeats it: photographed faces that move around. */
async function film(faces: number): Promise<string> {
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
    frames.push(await canvas.composite(parts).jpeg({ quality: 90 }).toBuffer());
  }
  const path = join(tmpdir(), `agewise-film-${faces}-${process.pid}.mjpeg`);
  await writeFile(path, Buffer.concat(frames));
  return path;
}

async function launch(camera: string): Promise<Browser> {
  return chromium.launch({
    executablePath: join(await chromiumFolder(), 'chromium'),
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${camera}`,
    ],
  });
}

/** @returns for each contender its turns */
async function measure(
  server: WebServer,
  faces: number,
): Promise<{ turns: Map<Contender, Turn[]>; first: Map<Contender, number> }> {
  const browser = await launch(await film(faces));
  const turns = new Map<Contender, Turn[]>(NAMES.map((name) => [name, []]));
  const first = new Map<Contender, number>();
  try {
    const pages = new Map<Contender, Page>();
    for (const name of NAMES) {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/index.html`);
      await page.evaluate(LOOP);
      const start = performance.now();
      await page.evaluate(`(async () => { ${CONTENDERS[name]} await watch(0); })()`);
      first.set(name, performance.now() - start);
      pages.set(name, page);
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, page] of pages) {
        await page.bringToFront();
        turns.get(name)!.push((await page.evaluate(`watch(${SECONDS})`)) as Turn);
      }
    }
    const runtime = await pages.get('agewise')!.evaluate('globalThis.runtime');
    console.log(`Agewise runs on ${JSON.stringify(runtime)}`);
  } finally {
    await browser.close();
  }
  return { turns, first };
}

const format = (value: number) => value.toFixed(1);
const middle = (turns: readonly Turn[], field: keyof Turn) => median(turns.map((turn) => turn[field]));

await runBenchmark(async () => {
  if (!chromiumRunsHere) throw new AbsentError('Chromium for tests runs on x64 Linux only');
  const [load] = loadavg();
  const busy = load! / availableParallelism();
  if (busy > BUSY) {
    console.log(
      `The machine is busy (${load!.toFixed(1)} processes on ${availableParallelism()} cores): figures and ratios mean little.`,
    );
  }
  const modules = join(ROOT, 'node_modules');
  const page = '<!doctype html><video muted playsinline></video><canvas width="640" height="480"></canvas>';
  const server = await serveWeb(
    [
      ['/index.html', page],
      ...[...(await bundleWeb()).files].map(([name, code]) => [`/agewise/${name}`, code] as const),
    ],
    {
      human: join(modules, '@vladmandic/human/dist'),
      'human-models': join(modules, '@vladmandic/human/models'),
      'face-api': join(modules, '@vladmandic/face-api/dist'),
      'face-api-models': join(modules, '@vladmandic/face-api/model'),
      'tfjs-wasm': join(modules, '@tensorflow/tfjs-backend-wasm/dist'),
    },
  );
  const requirements: Requirement[] = [];
  try {
    for (const faces of [1, 2]) {
      const { turns, first } = await measure(server, faces);
      const ours = middle(turns.get('agewise')!, 'rate');
      console.log(`\n${faces} ${faces === 1 ? 'face' : 'faces'}, ${ROUNDS} turns of ${SECONDS} s, medians`);
      console.log(
        formatTable(
          ['', 'frames/s', 'Agewise is', 'p95 ms', 'longest task ms', 'faces', 'load to first ms'],
          NAMES.map((name) => {
            const mine = turns.get(name)!;
            const rate = middle(mine, 'rate');
            return [
              name,
              rate.toFixed(1),
              `${(ours / rate).toFixed(2)} ×`,
              middle(mine, 'p95').toFixed(0),
              middle(mine, 'longest').toFixed(0),
              middle(mine, 'faces').toFixed(2),
              first.get(name)!.toFixed(0),
            ];
          }),
        ),
      );
      const ratio = (name: Contender) => ours / middle(turns.get(name)!, 'rate');
      const own = turns.get('agewise')!;
      const at = `with ${faces} ${faces === 1 ? 'face' : 'faces'}`;
      requirements.push({
        name: `frames a second ${at}`,
        measured: ours,
        bound: faces === 1 ? 20 : 12,
        kind: 'at least',
        format,
      });
      if (faces === 1) {
        requirements.push(
          {
            name: 'times human with its skipping',
            measured: ratio('human'),
            bound: 2.5,
            kind: 'at least',
            format,
          },
          {
            name: 'times human without',
            measured: ratio('human, no skipping'),
            bound: 3,
            kind: 'at least',
            format,
          },
          {
            name: 'ms from capture to result (p95)',
            measured: middle(own, 'p95'),
            bound: 150,
            kind: 'at most',
            format,
          },
          {
            name: 'ms of the longest task of the page',
            measured: middle(own, 'longest'),
            bound: 100,
            kind: 'at most',
            format,
          },
        );
      }
    }
  } finally {
    server.close();
  }
  return requirements;
});
