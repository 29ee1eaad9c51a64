/** The estimator in a browser, compared with Node. */
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWeb } from '../scripts/web/bundle.js';
import { AgeEstimator, type FaceData, type ImageEstimate } from '../src/estimate/index.js';
import { chromiumFolder, chromiumRunsHere } from './support/chromium.js';
import { serveWeb, type WebServer } from './support/web-server.js';

const ROOT = join(import.meta.dirname, '..');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const WIDTH = 480;
const GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];
const URLS = "modelsUrl: '/models', wasmUrl: '/onnxruntime-web'";

/** Whites out a picture's sides by transparency. */
async function withAlpha(picture: Sharp): Promise<Buffer> {
  const { data, info } = await picture.clone().ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < info.width * info.height; i++) {
    const x = i % info.width;
    data[4 * i + 3] = Math.min(255, 8 * Math.min(x, info.width - 1 - x));
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } })
    .png()
    .toBuffer();
}

/** The same photograph in the formats that browsers and Node read, and by how many years ages may differ. */
async function formats(photo: Sharp): Promise<(readonly [name: string, years: number, bytes: Buffer])[]> {
  // Lies on its side, and says so: orientation 6 is upright after a quarter turn clockwise.
  const lying = await photo.clone().rotate(-90).jpeg({ quality: 95 }).toBuffer();
  const as = (change: (picture: Sharp) => Sharp) => change(photo.clone()).toBuffer();
  return [
    ['rgb.png', 0.05, await as((p) => p.png())],
    ['16-bit.png', 0.05, await as((p) => p.toColourspace('rgb16').png({ bitdepth: 16 } as object))],
    ['lossy.webp', 0.05, await as((p) => p.webp({ quality: 90 }))],
    ['rgb.jpg', 0.05, await as((p) => p.jpeg({ quality: 92 }))],
    ['grey.jpg', 0.05, await as((p) => p.greyscale().jpeg({ quality: 92 }))],
    ['lying.jpg', 0.05, await sharp(lying).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer()],
    ['alpha.png', 0.05, await withAlpha(photo)],
    ['photo.avif', 0.3, await as((p) => p.avif({ quality: 80 }))],
    ['p3.jpg', 0.3, await as((p) => p.withIccProfile('p3').jpeg({ quality: 92 }))],
  ];
}

describe.skipIf(!chromiumRunsHere)(
  'a browser (skipped except on x64 Linux, for which one is installed)',
  async () => {
    const photo = sharp(PHOTO).resize(WIDTH);
    const pictures = await formats(photo);
    let server: WebServer;
    let browser: Browser;
    let page: Page;
    const inNode = new Map<string, ImageEstimate>();

    const launch = async (args: readonly string[] = []) =>
      chromium.launch({
        executablePath: join(await chromiumFolder(), 'chromium'),
        args: ['--no-sandbox', ...args],
      });
    /** A page that has loaded the library. */
    const open = async (browser: Browser) => {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/index.html`);
      // A string, since vitest would have changed a function.
      await page.evaluate("import('/agewise/agewise.js').then((door) => { globalThis.agewise = door; })");
      return page;
    };
    /** The value of an expression in the page, as plain data. */
    const there = <T>(expression: string) => page.evaluate(expression) as Promise<T>;

    beforeAll(async () => {
      const estimator = await AgeEstimator.load();
      for (const [name, , bytes] of pictures) inNode.set(name, await estimator.estimate(bytes));
      await estimator.dispose();
      server = await serveWeb([
        ['/index.html', '<!doctype html>'],
        ...[...(await bundleWeb()).files].map(([name, code]) => [`/agewise/${name}`, code] as const),
        ...pictures.map(([name, , bytes]) => [`/${name}`, bytes] as const),
        ['/text.jpg', 'This is text.'],
        ['/cmyk.jpg', await photo.clone().toColourspace('cmyk').jpeg().toBuffer()],
        ['/wrong/agewise-base.onnx', 'This is another file.'],
      ]);
      browser = await launch();
      page = await open(browser);
      await there(`(async () => {
      globalThis.events = [];
      globalThis.estimator = await agewise.AgeEstimator.load({ ${URLS}, threads: 2, onProgress: (e) => events.push(e) });
    })()`);
    }, 240_000);

    afterAll(async () => {
      await page?.evaluate('globalThis.estimator?.dispose()');
      await browser?.close();
      server?.close();
    });

    it.each(pictures)('finds the same faces in %s as Node, within %f years', async (name, years) => {
      const expected = inNode.get(name)!;
      const found = await there<ImageEstimate>(`estimator.estimate('/${name}')`);
      expect(found).toMatchObject({ source: `/${name}`, width: expected.width, height: expected.height });
      sameFaces(found.faces, expected.faces, years, years > 0.3 ? 2 : 0.5);
    });

    it.each([
      ['a Blob', "fetch('/rgb.png').then((answer) => answer.blob())"],
      ['a File', "fetch('/rgb.png').then(async (answer) => new File([await answer.blob()], 'a.png'))"],
      ['a Response', "fetch('/rgb.png')"],
      ['bytes', "fetch('/rgb.png').then((answer) => answer.bytes())"],
      ['an ImageBitmap', 'bitmap()'],
      ['ImageData', 'canvas().then((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height))'],
      ['a canvas', 'canvas()'],
      ['an OffscreenCanvas', 'canvas(true)'],
      ['a VideoFrame', 'bitmap().then((image) => new VideoFrame(image, { timestamp: 0 }))'],
      [
        'a loaded image',
        "new Promise((r) => { const i = new Image(); i.onload = () => r(i); i.src = '/rgb.png'; })",
      ],
    ])('accepts %s, and leaves it usable', async (_, picture) => {
      await there(`
      globalThis.bitmap = () => fetch('/rgb.png').then((a) => a.blob()).then(createImageBitmap);
      globalThis.canvas = async (offscreen) => {
        const image = await bitmap();
        const { width, height } = image;
        const canvas = offscreen ? new OffscreenCanvas(width, height) : document.createElement('canvas');
        Object.assign(canvas, { width, height }).getContext('2d').drawImage(image, 0, 0);
        return canvas;
      };`);
      const found = await there<ImageEstimate>(`(async () => {
      const picture = await ${picture};
      const found = await estimator.estimate(picture);
      // A Response can be read once.
      if (!(picture instanceof Response)) await estimator.estimate(picture, { maxFaces: 1 });
      return found;
    })()`);
      sameFaces(found.faces, inNode.get('rgb.png')!.faces, 0.05, 0.5);
    });

    it('accepts a video, whose frame has not been through a codec here', async () => {
      const found = await there<ImageEstimate>(`(async () => {
      const source = await canvas();
      const video = document.createElement('video');
      Object.assign(video, { muted: true, srcObject: source.captureStream() });
      const played = video.play();
      const redraw = setInterval(() => source.getContext('2d').drawImage(source, 0, 0), 30);
      await played;
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      const found = await estimator.estimate(video);
      clearInterval(redraw);
      return found;
    })()`);
      sameFaces(found.faces, inNode.get('rgb.png')!.faces, 0.5, 1);
    });

    it('returns faces with their methods, and runs nothing in the page', async () => {
      expect(
        await there("estimator.estimate('/rgb.png').then(({ faces }) => faces[0].atLeast(1))"),
      ).toBeGreaterThan(0.9);
      const scripts = await there<string[]>(
        "performance.getEntriesByType('resource').map(({ name }) => name)",
      );
      expect(scripts.filter((name) => /ort|web-here/.test(name))).toEqual([]);
    });

    it('follows faces from frame to frame', async () => {
      const followed = await there<{ time: number; faces: { id: number }[] }[]>(`(async () => {
      const image = await bitmap();
      const frames = [0, 0.1, 0.2].map((time) => ({ image, time }));
      const found = [];
      for await (const { time, faces } of estimator.follow(frames)) found.push({ time, faces: faces.map(({ id }) => ({ id })) });
      return found;
    })()`);
      expect(followed.map(({ time, faces }) => [time, faces.length])).toEqual([
        [0, 3],
        [0.1, 3],
        [0.2, 3],
      ]);
      expect(followed[2]!.faces).toEqual(followed[0]!.faces);
    });

    it('reports a bad picture in a sentence, without affecting others', async () => {
      const list = "['/missing.jpg', '/text.jpg', '/rgb.png', null, new Image(), '/cmyk.jpg']";
      const results = await there<readonly { error?: string; faces?: unknown[] }[]>(
        `estimator.estimate(${list}).then((results) => JSON.parse(JSON.stringify(results)))`,
      );
      expect(results.map(({ error, faces }) => error ?? faces!.length)).toEqual([
        expect.stringMatching(/\/missing\.jpg: expected an image, found the answer 404 Not Found$/),
        expect.stringMatching(/^\/text\.jpg: expected an image \(JPEG, .*\), found text$/),
        3,
        expect.stringMatching(/^image: expected a path, a URL, .* found null$/),
        expect.stringMatching(/^image: expected a picture that is loaded, found /),
        '/cmyk.jpg: expected an image in RGB or grey, found a JPEG in CMYK, which is not read in a browser',
      ]);
      expect(
        await there(
          "estimator.estimate('/text.jpg').catch((e) => e instanceof agewise.AgewiseError && e.code)",
        ),
      ).toBe('AGEWISE_IMAGE');
    });

    it('reports in one sentence what it cannot load', async () => {
      const message = (options: string) =>
        there<string>(`agewise.AgeEstimator.load(${options}).catch((error) => error.message)`);
      expect(await message(`{ ${URLS}, modelsUrl: '/nowhere' }`)).toMatch(
        /^Model 'agewise-base': http:.*\/nowhere\/agewise-base\.onnx cannot be fetched: the answer was 404 Not Found$/,
      );
      expect(await message("{ model: 'a' }")).toContain("did you mean 'models'?");
      expect(await message(`{ ${URLS}, device: 'cuda' }`)).toMatch(/^Device cuda/);
      expect(await message(`{ ${URLS}, wasmUrl: '/nowhere' }`)).toMatch(
        /^ONNX Runtime: http:.*wasmUrl names the folder/,
      );
      expect(await message(`{ ${URLS}, workerUrl: '/nowhere.js' }`)).toMatch(
        /^The estimator's worker: it cannot be started from http:.*\/nowhere\.js.*worker\.js$/,
      );
      expect(await message(`{ ${URLS}, modelsUrl: '/wrong' }`)).toMatch(
        /^Model 'agewise-base': expected a file of SHA-256 [0-9a-f]{64} at http:.*, found one of 21 bytes and SHA-256 [0-9a-f]{64}$/,
      );
    });

    it('refuses a picture of too many pixels', async () => {
      const errors = await there<string[]>(`(async () => {
      const few = await agewise.AgeEstimator.load({ ${URLS}, threads: 1, maxPixels: 50_000 });
      const failed = (picture) => few.estimate(picture).then(() => 'estimated', (error) => error.message);
      const messages = [await failed('/rgb.png'), await failed(await canvas()), await failed(await bitmap())];
      await few.dispose();
      return messages;
    })()`);
      expect(errors).toHaveLength(3);
      for (const error of errors)
        expect(error).toMatch(/expected an image of at most 50000 pixels, found 480 × \d+ pixels$/);
    });

    it('caches models and WebAssembly, and downloads damaged files again', async () => {
      const load = () => there(`agewise.AgeEstimator.load({ ${URLS}, threads: 1 }).then((e) => e.dispose())`);
      const large = () => server.requested.filter((path) => /\.(onnx|wasm)$/.test(path)).sort();
      server.requested.length = 0;
      await load();
      expect(large()).toEqual([]);
      await there(`caches.open('agewise').then(async (cache) => {
      const [key] = (await cache.keys()).filter(({ url }) => url.includes('face-detector'));
      await cache.put(key, new Response('damaged'));
    })`);
      await load();
      expect(large()).toEqual(['/models/face-detector.onnx']);
    });

    it('reports downloads, its runtime and models', async () => {
      const events = await there<{ phase: string; file?: string; done: number; total: number }[]>('events');
      const last = (file: string) => events.findLast((event) => event.file === file);
      const size = 14_239_897;
      expect(last('ort-wasm-simd-threaded.wasm')).toMatchObject({
        phase: 'download',
        done: size,
        total: size,
      });
      expect(events.filter(({ phase }) => phase === 'runtime')).toEqual([
        { phase: 'runtime', device: 'cpu', threads: 2 },
      ]);
      expect(events.filter(({ phase }) => phase === 'load')).toMatchObject([
        { model: 'agewise-base', done: 1, total: 2 },
        { model: 'face-detector', done: 2, total: 2 },
      ]);
    });

    it('chooses threads by a measurement, also in the page itself', async () => {
      const [found, runtime] = await there<
        [ImageEstimate, { device: string; threads: number }]
      >(`(async () => {
      let runtime;
      const onProgress = (event) => { if (event.phase === 'runtime') runtime = event; };
      const here = await agewise.AgeEstimator.load({ ${URLS}, worker: false, onProgress });
      const found = await here.estimate('/rgb.png');
      await here.dispose();
      return [JSON.parse(JSON.stringify(found)), runtime];
    })()`);
      expect(runtime.device).toBe('cpu');
      expect([1, 2, 4]).toContain(runtime.threads);
      sameFaces(found.faces, inNode.get('rgb.png')!.faces, 0.05, 0.5);
    });

    it('gives the same ages on WebGPU', async () => {
      const { box } = inNode.get('rgb.png')!.faces[0]!;
      const margin = Math.round(box.width / 3);
      const [left, top] = [box.x, box.y].map((at) => Math.max(0, Math.round(at) - margin)) as [
        number,
        number,
      ];
      const side = Math.round(box.width) + 2 * margin;
      const face = photo.clone().png().toBuffer();
      // A detector run takes seconds on a GPU in software.
      const small = await sharp(await face)
        .extract({ left, top, width: side, height: side })
        .resize(96)
        .png()
        .toBuffer();
      server.files.set('/small.png', small);
      const gpu = await launch(GPU);
      try {
        const page = await open(gpu);
        const ages = await page.evaluate(`(async () => {
        const ages = [];
        for (const device of ['cpu', 'webgpu']) {
          const estimator = await agewise.AgeEstimator.load({ ${URLS}, device, threads: 1, turn: false, minScore: 0.44 });
          const { faces } = await estimator.estimate('/small.png');
          ages.push(faces.map(({ age }) => age));
          await estimator.dispose();
        }
        return ages;
      })()`);
        const [onCpu, onGpu] = ages as [number[], number[]];
        expect(onCpu!.length).toBeGreaterThan(0);
        expect(onGpu).toHaveLength(onCpu!.length);
        onGpu!.forEach((age, i) => {
          expect(Math.abs(age - onCpu![i]!)).toBeLessThan(0.1);
        });
      } finally {
        await gpu.close();
      }
    }, 180_000);

    function sameFaces(
      found: readonly FaceData[],
      expected: readonly FaceData[],
      years: number,
      pixels: number,
    ): void {
      expect(expected).toHaveLength(3);
      expect(found).toHaveLength(3);
      found.forEach(({ age, box, gender }, i) => {
        const { age: expectedAge, box: expectedBox, gender: expectedGender } = expected[i]!;
        expect(Math.abs(age - expectedAge)).toBeLessThan(years);
        expect(gender!.label).toBe(expectedGender!.label);
        for (const side of ['x', 'y', 'width', 'height'] as const) {
          expect(Math.abs(box[side] - expectedBox[side])).toBeLessThan(pixels);
        }
      });
    }
  },
);
