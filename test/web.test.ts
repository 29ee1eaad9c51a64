/** The estimator in a browser, beside its answers in Node. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWeb } from '../scripts/web/bundle.js';
import { AgeEstimator, type FaceData, type ImageEstimate } from '../src/estimate/index.js';
import { chromiumFolder, chromiumRunsHere } from './support/chromium.js';

const ROOT = join(import.meta.dirname, '..');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const WIDTH = 480;

const PAGE = '<!doctype html>';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

/** Serves what it is given by path, and the files of the models and of onnxruntime-web. */
async function serve(files: ReadonlyMap<string, Uint8Array | string>): Promise<Server> {
  const folders: Readonly<Record<string, string>> = {
    models: join(ROOT, 'models'),
    wasm: join(ROOT, 'node_modules/onnxruntime-web/dist'),
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const [, folder = ''] = url.split('/');
    const content =
      files.get(url) ??
      (folders[folder] && (await readFile(join(folders[folder], basename(url))).catch(() => undefined)));
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': TYPES[url.split('.').at(-1)!] ?? 'application/octet-stream',
      // What a page needs for threads.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.skipIf(!chromiumRunsHere)('a browser (skipped but on x64 Linux, for which one is at hand)', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let inNode: ImageEstimate;

  beforeAll(async () => {
    const photo = sharp(PHOTO).resize(WIDTH);
    const png = await photo.clone().png().toBuffer();
    // Lies on its side, and says so: orientation 6 is upright after a quarter turn clockwise.
    const turned = await sharp(png).rotate(-90).jpeg({ quality: 95 }).withExif({}).keepMetadata().toBuffer();
    const lying = await sharp(turned).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const files = new Map<string, Uint8Array | string>([
      ['/index.html', PAGE],
      ...[...(await bundleWeb()).files].map(([name, code]) => [`/${name}`, code] as const),
      ['/photo.png', png],
      ['/lying.jpg', lying],
      ['/text.jpg', 'This is text.'],
    ]);
    const estimator = await AgeEstimator.load();
    inNode = await estimator.estimate(png);
    await estimator.dispose();

    server = await serve(files);
    const executablePath = join(await chromiumFolder(), 'chromium');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
    // A text, since a function would come as vitest has changed it.
    await page.evaluate(`(async () => {
      globalThis.agewise = await import('/agewise.js');
      const options = { modelsUrl: '/models', wasmUrl: '/wasm', threads: 2 };
      globalThis.estimator = await agewise.AgeEstimator.load(options);
    })()`);
  }, 120_000);

  afterAll(async () => {
    await page?.evaluate('globalThis.estimator?.dispose()');
    await browser?.close();
    server?.close();
  });

  /** What an expression gives there, as plain data. */
  const there = <T>(expression: string) => page.evaluate(expression) as Promise<T>;

  it('gives the faces that Node gives, by address', async () => {
    expect(inNode.faces).toHaveLength(3);
    const found = await there<ImageEstimate>("estimator.estimate('/photo.png')");
    expect(found).toMatchObject({ source: '/photo.png', width: WIDTH, height: inNode.height });
    sameFaces(found.faces, 0.05, 0.5);
  });

  it.each([
    ['a Blob', "fetch('/photo.png').then((answer) => answer.blob())"],
    ['a Response', "fetch('/photo.png')"],
    ['an ImageBitmap', "fetch('/photo.png').then((a) => a.blob()).then(createImageBitmap)"],
    [
      'a loaded image',
      "new Promise((r) => { const i = new Image(); i.onload = () => r(i); i.src = '/photo.png'; })",
    ],
  ])('takes %s', async (_, picture) => {
    const found = await there<ImageEstimate>(
      `Promise.resolve(${picture}).then((p) => estimator.estimate(p))`,
    );
    sameFaces(found.faces, 0.05, 0.5);
  });

  it('turns a picture upright that says how it lies', async () => {
    const found = await there<ImageEstimate>("estimator.estimate('/lying.jpg')");
    expect([found.width, found.height]).toEqual([inNode.width, inNode.height]);
    // It has been through JPEG twice.
    sameFaces(found.faces, 2, 4);
  });

  it('lets a bad picture cost that one alone, by its sentence', async () => {
    const list = "['/missing.jpg', '/text.jpg', '/photo.png', null]";
    const results = await there<readonly { error?: string; faces?: unknown[] }[]>(
      `estimator.estimate(${list}).then((results) => JSON.parse(JSON.stringify(results)))`,
    );
    expect(results.map(({ error, faces }) => error ?? faces!.length)).toEqual([
      expect.stringMatching(/\/missing\.jpg: expected an image, found the answer 404 Not Found$/),
      expect.stringMatching(/^\/text\.jpg: expected an image \(JPEG, .*\), found text$/),
      3,
      expect.stringMatching(/^image: expected a path, a URL, .* found null$/),
    ]);
  });

  it('says in one sentence what it cannot load', async () => {
    const message = (options: string) =>
      there<string>(`agewise.AgeEstimator.load(${options}).catch((error) => error.message)`);
    expect(await message("{ modelsUrl: '/nowhere' }")).toMatch(
      /^Model 'agewise-base': http:.*\/nowhere\/agewise-base\.onnx cannot be fetched: the answer was 404 Not Found$/,
    );
    expect(await message("{ model: 'a' }")).toContain("did you mean 'models'?");
    expect(await message("{ modelsUrl: '/models', wasmUrl: '/wasm', device: 'cuda' }")).toMatch(
      /^Device cuda/,
    );
  });

  function sameFaces(faces: readonly FaceData[], years: number, pixels: number): void {
    expect(faces).toHaveLength(inNode.faces.length);
    faces.forEach(({ age, box, gender }, i) => {
      const expected = inNode.faces[i]!;
      expect(Math.abs(age - expected.age)).toBeLessThan(years);
      expect(gender!.label).toBe(expected.gender!.label);
      for (const side of ['x', 'y', 'width', 'height'] as const) {
        expect(Math.abs(box[side] - expected.box[side])).toBeLessThan(pixels);
      }
    });
  }
});
