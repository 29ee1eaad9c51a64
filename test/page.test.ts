/** The page in a browser: what a visitor does with it, with mouse, keyboard and camera, with and without a connection. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgeEstimator, type FaceJson, type ImageEstimate } from '../src/estimate/index.js';
import { writeModel } from '../src/onnx/index.js';
import { importWeights, loadRecipe } from '../src/train/index.js';
import { chromiumFolder, chromiumRunsHere } from './support/chromium.js';
import { PageServer } from './support/page-server.js';
import { writePublishedWeights } from './support/published-weights.js';

const ROOT = join(import.meta.dirname, '..');
const photo = (n: number) => join(ROOT, `node_modules/@vladmandic/face-api/demo/sample${n}.jpg`);

/** What looks like English but is a name: of a class, a key, an error. */
const NAMES =
  /^(Files|Suspending|NoCameras|NotAllowedError|NotFoundError|NotReadableError|VideoFrame|ArrowRight|ArrowLeft)$/;
/** Bytes of script, compressed, that the page loads; models and WebAssembly are apart. */
const SCRIPT_BUDGET = 300_000;
/** In the canary's comment; what leaves the browser must not hold it. */
const CANARY = 'canary-4f1c9a7e-this-picture-must-stay';

const WIDTHS = { phone: { width: 360, height: 740 }, wide: { width: 1440, height: 900 } } as const;

let folder: string;
let site: string;
let server: PageServer;
let executablePath: string;
let canary: Buffer;
let inNode: ImageEstimate;

/** A camera's recording, of which each frame is a JPEG: a face that moves a little. */
async function recording(): Promise<Buffer> {
  const picture = sharp(photo(3)).resize(900);
  const { width, height } = (await picture.toBuffer({ resolveWithObject: true })).info;
  const pixels = await picture.removeAlpha().raw().toBuffer();
  const frames = Array.from({ length: 30 }, (_, i) =>
    sharp(pixels, { raw: { width, height, channels: 3 } })
      .extract({ left: 150 + (i < 15 ? i : 30 - i), top: 30, width: 640, height: 480 })
      .jpeg({ quality: 90 })
      .toBuffer(),
  );
  return Buffer.concat(await Promise.all(frames));
}

const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const launch = (...args: string[]): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });

async function open(context: BrowserContext, query = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.address + query);
  await page.waitForSelector('html[data-ready]');
  return page;
}

/** Drops or pastes files, as a visitor does. */
const transfer = (page: Page, kind: 'drop' | 'paste', bytes: Buffer, name: string) =>
  page.evaluate(
    `(async () => {
      const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], '${name}', { type: 'image/png' }));
      const event = '${kind}' === 'drop'
        ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
        : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
      document.body.dispatchEvent(event);
    })()`,
  );

const upload = (page: Page, ...files: (string | { name: string; mimeType: string; buffer: Buffer })[]) =>
  page.setInputFiles('[data-test=files]', files as string[]);

async function saved(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).first().click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile((await file.path())!) };
}

/** What is wrong by axe's rules, and serious. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe.skipIf(!chromiumRunsHere)(
  'the page (skipped except on x64 Linux, for which a browser is installed)',
  () => {
    let browser: Browser;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'agewise-page-'));
      site = join(folder, 'site');
      const configFile = join(ROOT, 'web/vite.config.ts');
      await build({ root: join(ROOT, 'web'), configFile, build: { outDir: site }, logLevel: 'error' });
      server = await PageServer.start(site);
      executablePath = join(await chromiumFolder(), 'chromium');
      canary = await sharp(photo(3))
        .resize(480)
        .withExif({ IFD0: { ImageDescription: CANARY } })
        .png({ compressionLevel: 0 })
        .toBuffer();
      expect(canary.includes(CANARY)).toBe(true);
      await writeFile(join(folder, 'camera.mjpeg'), await recording());
      const estimator = await AgeEstimator.load();
      inNode = await estimator.estimate(canary);
      await estimator.dispose();
      browser = await launch(...CAMERA, `--use-file-for-fake-video-capture=${join(folder, 'camera.mjpeg')}`);
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('loads less than 300 kB of script', async () => {
      const files = await readdir(site, { recursive: true });
      const scripts = files.filter((file) => /\.m?js$/.test(file));
      expect(scripts).toContain('agewise-camera.js');
      let size = 0;
      for (const file of scripts) size += gzipSync(await readFile(join(site, file))).length;
      expect(size).toBeLessThan(SCRIPT_BUDGET);
    });

    it('has its English in one file', async () => {
      const folder = join(ROOT, 'web/src');
      const sources = (await readdir(folder)).filter((file) => /\.ts$/.test(file) && file !== 'text.ts');
      expect(sources.length).toBeGreaterThan(10);
      for (const file of sources) {
        const code = (await readFile(join(folder, file), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
        // Words with spaces between them, or a capital: no name of a class, an event or an attribute.
        const sentences = [...code.matchAll(/(['"`])((?:(?!\1).)*)\1/g)]
          .map(([, , words]) => words!)
          .filter((words) => /[A-Z][a-z]+ [a-z]+ |^[A-Z][a-z]+( [a-z]+)*[.!?…]?$/.test(words));
        expect(
          sentences.filter((words) => !NAMES.test(words)),
          file,
        ).toEqual([]);
      }
      const html = await readFile(join(ROOT, 'web/index.html'), 'utf8');
      expect(
        html
          .replace(/<[^>]*>/g, '')
          .trim()
          .split(/\s+/),
      ).toEqual(['%name%', '%noScript%']);
    });

    describe('with pictures', () => {
      let context: BrowserContext;
      let page: Page;

      beforeAll(async () => {
        context = await browser.newContext({ viewport: WIDTHS.wide, serviceWorkers: 'block' });
        page = await open(context);
        // A listener that stays keeps the browser's own dialogue away from the first moment on.
        page.on('filechooser', () => {});
      }, 60_000);
      afterAll(() => context?.close());

      it('estimates a chosen picture like Node, without gender', async () => {
        await upload(page, { name: 'canary.png', mimeType: 'image/png', buffer: canary });
        await page.waitForSelector('.face');
        const { name, bytes } = await saved(page, 'JSON');
        const { faces, width } = JSON.parse(bytes.toString()) as { faces: FaceJson[]; width: number };
        expect([name, width]).toEqual(['canary.json', 480]);
        expect(faces).toHaveLength(inNode.faces.length);
        faces.forEach(({ age, gender }, i) => {
          expect(Math.abs(age - inNode.faces[i]!.age)).toBeLessThan(0.05);
          expect(gender).toBeUndefined();
        });
        expect(await page.locator('.face .age').allInnerTexts()).toEqual(
          faces.map(({ age }) => `${age.toFixed(0)} years`),
        );
      });

      it('saves the annotated picture and a table', async () => {
        const picture = await saved(page, 'Annotated picture');
        const { width, format } = await sharp(picture.bytes).metadata();
        expect([picture.name, width, format]).toEqual(['canary-agewise.png', 480, 'png']);
        const before = await sharp(canary).raw().toBuffer();
        const after = await sharp(picture.bytes).removeAlpha().raw().toBuffer();
        expect(before.equals(after)).toBe(false);
        const table = (await saved(page, 'CSV')).bytes.toString().trim().split('\n');
        expect(table).toHaveLength(1 + inNode.faces.length);
        expect(table[1]).toMatch(/^canary\.png,480,\d+,1,/);
      });

      it('highlights a face and its box together, by hover and by focus', async () => {
        const [box, card] = [page.locator('.box').first(), page.locator('.face').first()];
        await box.hover();
        expect(await card.getAttribute('class')).toContain('active');
        await page.mouse.move(0, 0);
        expect(await card.getAttribute('class')).not.toContain('active');
        await card.focus();
        expect(await box.getAttribute('class')).toContain('active');
        expect(await box.getAttribute('aria-label')).toMatch(
          /^Face 1: about \d+ years, 90% range \d+ to \d+$/,
        );
      });

      it('shows gender when it is switched on', async () => {
        await page.getByRole('switch').check();
        await page.waitForSelector('.facts');
        expect(await page.locator('.facts').first().innerText()).toMatch(/^(Female|Male), \d+%$/);
        await page.getByRole('switch').uncheck();
        await page.waitForSelector('.facts', { state: 'detached' });
      });

      it('compares two models, one of them a file', async () => {
        const chooser = page.waitForEvent('filechooser');
        await page.getByLabel('Compare with').selectOption('file');
        await (await chooser).setFiles(join(ROOT, 'models/agewise-base.onnx'));
        await page.waitForSelector('.opinion');
        const ages = await page.locator('.face .age').allInnerTexts();
        const opinions = await page.locator('.opinion').allInnerTexts();
        expect(opinions).toEqual(ages.map((age) => expect.stringContaining(`agewise-base.onnx: ${age}`)));
        expect(await page.locator('.curve.second').count()).toBe(ages.length);
        await page.getByLabel('Compare with').selectOption('');
        await page.waitForSelector('.opinion', { state: 'detached' });
      });

      it('estimates with a model of published weights, like Node', async () => {
        await writePublishedWeights(folder);
        const recipe = await loadRecipe(join(folder, 'own.yaml'));
        const { model } = await importWeights(join(folder, 'weights.hdf5'), recipe);
        const bytes = writeModel(model);
        await writeFile(join(folder, 'published.onnx'), bytes);
        const estimator = await AgeEstimator.load({ models: [bytes] });
        const { faces } = await estimator.estimate(canary);
        await estimator.dispose();
        const chooser = page.waitForEvent('filechooser');
        await page.getByLabel('Compare with').selectOption('file');
        await (await chooser).setFiles(join(folder, 'published.onnx'));
        await page.waitForSelector('.opinion');
        const opinions = await page.locator('.opinion').allInnerTexts();
        expect(opinions).toEqual(
          faces.map(({ age }) => expect.stringContaining(`published.onnx: ${age.toFixed(0)} years`)),
        );
        await page.getByLabel('Compare with').selectOption('');
        await page.waitForSelector('.opinion', { state: 'detached' });
      });

      it('checks the age of one person', async () => {
        await page.getByRole('button', { name: 'Remove all' }).click();
        const { box } = inNode.faces[0]!;
        const alone = await sharp(canary)
          .extract({
            left: Math.max(0, Math.round(box.x - box.width / 2)),
            top: Math.max(0, Math.round(box.y - box.height / 2)),
            width: Math.round(2 * box.width),
            height: Math.round(2 * box.height),
          })
          .resize(300)
          .png()
          .toBuffer();
        await transfer(page, 'drop', alone, 'alone.png');
        await page.waitForSelector('.face');
        await page.getByLabel('Age check').selectOption({ label: '18, Challenge 25' });
        const verdict = page.locator('.picture .verdict');
        await verdict.waitFor();
        const age = Number((await page.locator('.face .age').innerText()).split(' ')[0]);
        expect(age).toBeGreaterThan(26);
        expect(await verdict.innerText()).toMatch(/^Pass\s+Looks old enough\./);
        expect(await page.locator('.facts').innerText()).toMatch(/^\d+% at least 18$/);
        await page.getByLabel('Age check').selectOption('');
        await page.waitForSelector('.picture .verdict', { state: 'detached' });
        await page.getByRole('button', { name: 'Remove all' }).click();
      });

      it('accepts a pasted picture', async () => {
        await transfer(page, 'paste', canary, 'image.png');
        await page.waitForSelector('.face');
        expect(await page.locator('h3').innerText()).toBe('Pasted picture');
      });

      it('reports a broken file, and estimates the others', async () => {
        await upload(
          page,
          { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('This is text.') },
          { name: 'cut.png', mimeType: 'image/png', buffer: canary.subarray(0, 4000) },
          { name: 'sample1.jpg', mimeType: 'image/jpeg', buffer: await readFile(photo(1)) },
        );
        await page.waitForSelector('.picture:last-child .face');
        const problems = await page.locator('[role=alert].problem').allInnerTexts();
        expect(problems).toEqual([
          expect.stringMatching(/^notes\.jpg cannot be read\n.*expected an image \(.*\), found text$/),
          expect.stringMatching(/^cut\.png cannot be read\n.*expected a complete PNG image/),
        ]);
        await page.getByRole('button', { name: 'Remove all' }).click();
      });

      it.each(['light', 'dark'] as const)('has no serious accessibility problem, %s', async (colorScheme) => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await faults(page)).toEqual([]);
        await upload(page, { name: 'canary.png', mimeType: 'image/png', buffer: canary });
        await page.waitForSelector('.face');
        for (const size of Object.values(WIDTHS)) {
          await page.setViewportSize(size);
          expect(await faults(page)).toEqual([]);
          // Nothing is wider than the window.
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width);
        }
        const moving = await page.evaluate(
          "getComputedStyle(document.querySelector('.face')).transitionDuration",
        );
        expect(moving).toBe('0s');
        await page.getByRole('button', { name: 'Remove all' }).click();
      });

      it('can be used with only the keyboard', async () => {
        await page.emulateMedia({ colorScheme: 'light' });
        const focused = () =>
          page.evaluate(
            'document.activeElement.textContent || document.activeElement.value',
          ) as Promise<string>;
        const tabTo = async (name: string) => {
          for (let i = 0; i < 30; i++) {
            await page.keyboard.press('Tab');
            if ((await focused()) === name) return;
          }
          throw new Error(`'${name}' cannot be reached by the Tab key`);
        };
        await page.evaluate('document.activeElement.blur()');
        await tabTo('Choose pictures');
        const chooser = page.waitForEvent('filechooser');
        await page.keyboard.press('Enter');
        await (await chooser).setFiles([{ name: 'canary.png', mimeType: 'image/png', buffer: canary }]);
        await page.waitForSelector('.face');
        const age = (await page.locator('.plate').first().innerText()).trim();
        await tabTo(age);
        await page.keyboard.press('Enter');
        expect(await page.evaluate("document.activeElement.matches('.face')")).toBe(true);
        await tabTo('CSV');
        const download = page.waitForEvent('download');
        await page.keyboard.press('Enter');
        expect((await download).suggestedFilename()).toBe('canary.csv');
        await page.getByRole('radio', { name: 'Pictures' }).focus();
        await page.keyboard.press('ArrowRight');
        expect(await page.locator('agewise-camera').isVisible()).toBe(true);
        await page.keyboard.press('ArrowLeft');
        expect(await page.locator('agewise-camera').isVisible()).toBe(false);
      });
    });

    describe('with a graphics card (SwiftShader)', () => {
      it('estimates on it as on the processor', async () => {
        // A certain face, at which the detector looks once: each look takes seconds on a GPU in software.
        const estimator = await AgeEstimator.load();
        const { faces } = await estimator.estimate(photo(6), { maxFaces: 1 });
        await estimator.dispose();
        const { x, y, width, height } = faces[0]!.box;
        const side = Math.round(1.6 * width);
        const region = {
          left: Math.round(x + (width - side) / 2),
          top: Math.round(y + (height - side) / 2),
          ...{ width: side, height: side },
        };
        const small = await sharp(photo(6)).extract(region).resize(112).png().toBuffer();
        const gpu = await launch(
          '--enable-unsafe-webgpu',
          '--use-webgpu-adapter=swiftshader',
          '--enable-features=Vulkan',
        );
        try {
          const context = await gpu.newContext({ serviceWorkers: 'block' });
          const page = await open(context);
          const estimated = async () => {
            await page.waitForSelector('.face', { timeout: 280_000 });
            return JSON.parse((await saved(page, 'JSON')).bytes.toString()) as { faces: FaceJson[] };
          };
          await upload(page, { name: 'small.png', mimeType: 'image/png', buffer: small });
          // It is not chosen by itself: this one is software.
          const [onCpu] = (await estimated()).faces;
          await page.getByRole('button', { name: 'Remove all' }).click();
          await page.getByLabel('Runs on').selectOption('webgpu');
          await upload(page, { name: 'small.png', mimeType: 'image/png', buffer: small });
          const [onGpu] = (await estimated()).faces;
          expect(server.received.some((bytes) => bytes.includes('GET /wasm/ort.jspi.min.mjs'))).toBe(true);
          expect(Math.abs(onGpu!.age - onCpu!.age)).toBeLessThan(0.1);
        } finally {
          await gpu.close();
        }
      }, 320_000);
    });

    describe('training', () => {
      let context: BrowserContext;
      let page: Page;
      let faces: Buffer[];

      beforeAll(async () => {
        const estimator = await AgeEstimator.load();
        const found: { bytes: Buffer; age: number }[] = [];
        for (const n of [1, 2, 3, 4, 5, 6]) {
          const { faces, width, height } = await estimator.estimate(photo(n));
          for (const { box, age } of faces) {
            const left = Math.max(0, Math.round(box.x - box.width / 2));
            const top = Math.max(0, Math.round(box.y - box.height / 2));
            const region = {
              ...{ left, top },
              width: Math.min(width - left, Math.round(2 * box.width)),
              height: Math.min(height - top, Math.round(2 * box.height)),
            };
            const bytes = await sharp(photo(n)).extract(region).resize(240).jpeg().toBuffer();
            found.push({ bytes, age });
          }
        }
        await estimator.dispose();
        expect(found.length).toBeGreaterThan(10);
        faces = found.map(({ bytes }) => bytes);
        // Ten years older than it says now, which it can learn.
        for (const [i, { bytes, age }] of found.entries()) {
          const at = join(folder, 'labelled', String(Math.round(age + 10)));
          await mkdir(at, { recursive: true });
          await writeFile(join(at, `face-${i}.jpg`), bytes);
        }
        await writeFile(join(folder, 'labelled/notes.txt'), 'Not a picture.');
        context = await browser.newContext({ viewport: WIDTHS.wide, serviceWorkers: 'block' });
        page = await open(context);
        await page.getByRole('radio', { name: 'Train' }).check();
      }, 90_000);
      afterAll(() => context?.close());

      it('takes labels from the names of folders and from the visitor, and needs eight', async () => {
        const start = page.getByRole('button', { name: 'Start training' });
        const files = faces.slice(0, 2).map((buffer, i) => {
          return { name: `own-${i}.jpg`, mimeType: 'image/jpeg', buffer };
        });
        await page.getByLabel('Add pictures to label').setInputFiles(files);
        await page.getByLabel('Age of the person in own-0.jpg').fill('41');
        await page.getByLabel('Age of the person in own-1.jpg').fill('-3');
        expect(await page.locator('.train').innerText()).toContain('1 of 2 pictures has an age');
        expect(await start.isDisabled()).toBe(true);
        expect(await faults(page)).toEqual([]);
        await page.getByRole('button', { name: 'Remove own-0.jpg' }).click();
        await page.getByRole('button', { name: 'Remove own-1.jpg' }).click();
        await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'labelled'));
        const all = `${faces.length} of ${faces.length} pictures have an age`;
        await page.getByText(all).waitFor();
        expect(await start.isEnabled()).toBe(true);
      });

      it('stops at the press of a button', async () => {
        await page.getByRole('button', { name: 'Start training' }).click();
        await page.getByRole('button', { name: 'Stop', exact: true }).click();
        await page.getByText('Training was stopped before it started.').waitFor();
      });

      it('draws the curve, and gives a model that the page and Node use alike', async () => {
        await page.getByRole('button', { name: 'Start training' }).click();
        await page.getByRole('button', { name: 'Download the model' }).waitFor();
        const label = await page.locator('.losses').getAttribute('aria-label');
        expect(label).toMatch(
          /^Loss over 40 rounds: on the training pictures from [\d.]+ to [\d.]+, on the held-out/,
        );
        const [, first, last] = /from ([\d.]+) to ([\d.]+), on/.exec(label!)!;
        expect(Number(last)).toBeLessThan(Number(first) / 2);
        const outcome = await page.locator('.outcome').innerText();
        const [, before, after] = /the mean error went from ([\d.]+) to ([\d.]+) years/.exec(outcome)!;
        expect(Number(after)).toBeLessThan(0.9 * Number(before));
        expect(await faults(page)).toEqual([]);
        await page.setViewportSize(WIDTHS.phone);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(WIDTHS.phone.width);
        await page.setViewportSize(WIDTHS.wide);

        const { name, bytes } = await saved(page, 'Download the model');
        expect(name).toBe('agewise-base-tuned.onnx');
        await page.getByRole('button', { name: 'Use it on this page' }).click();
        await page.getByRole('radio', { name: 'Pictures' }).check();
        await upload(page, { name: 'canary.png', mimeType: 'image/png', buffer: canary });
        await page.waitForSelector('.face');
        const { faces: onPage } = JSON.parse((await saved(page, 'JSON')).bytes.toString()) as {
          faces: FaceJson[];
        };
        const tuned = await AgeEstimator.load({ models: [bytes] });
        const expected = await tuned.estimate(canary);
        await tuned.dispose();
        onPage.forEach(({ age }, i) => {
          expect(Math.abs(age - expected.faces[i]!.age)).toBeLessThan(0.05);
        });
        const mean = (faces: readonly { age: number }[]) =>
          faces.reduce((sum, { age }) => sum + age, 0) / faces.length;
        expect(mean(onPage)).toBeGreaterThan(mean(inNode.faces) + 1);
      }, 120_000);
    });

    it('never sends a picture, from the page or its worker, and cannot', async () => {
      const elsewhere: string[] = [];
      const other = createServer(({ url }, response) => {
        elsewhere.push(url!);
        response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const context = await browser.newContext();
      const requests: string[] = [];
      context.on('request', (request) => {
        const { origin } = new URL(request.url());
        if (`${origin}/` !== server.address && !request.url().startsWith('blob:'))
          requests.push(request.url());
        if (request.method() !== 'GET' || request.postDataBuffer() !== null) requests.push(request.url());
      });
      await context.addInitScript(`
      globalThis.sends = [];
      for (const name of ['WebSocket', 'RTCPeerConnection', 'EventSource', 'WebTransport', 'XMLHttpRequest']) {
        const Original = globalThis[name];
        if (Original) globalThis[name] = new Proxy(Original, {
          construct(target, args) { sends.push(name); return new target(...args); },
        });
      }
      navigator.sendBeacon = () => sends.push('sendBeacon');
    `);
      try {
        const page = await open(context);
        await page.waitForSelector('html[data-offline=ready]');
        const before = server.received.length;
        await upload(page, { name: 'canary.png', mimeType: 'image/png', buffer: canary });
        await page.waitForSelector('.face');
        await saved(page, 'JSON');
        await page.waitForTimeout(500);
        expect(requests).toEqual([]);
        expect(await page.evaluate('sends')).toEqual([]);
        const received = Buffer.concat(server.received);
        expect(before).toBeGreaterThan(0);
        expect(received.includes('GET /models/agewise-base.onnx')).toBe(true);
        expect(received.includes(CANARY)).toBe(false);
        expect(received.includes('POST ')).toBe(false);
        // Its policy holds also against what might get into it.
        const { port } = other.address() as AddressInfo;
        const attempt = (how: string) =>
          page.evaluate(`(${how})('http://127.0.0.1:${port}/')`).catch(() => 'refused');
        expect(await attempt('(url) => fetch(url, { mode: "no-cors" }).then(() => "sent")')).toBe('refused');
        await attempt('(url) => new Promise((r) => { const i = new Image(); i.onerror = r; i.src = url; })');
        await attempt('(url) => { new WebSocket(url.replace("http", "ws")); }');
        await page.waitForTimeout(300);
        expect(elsewhere).toEqual([]);
      } finally {
        await context.close();
        other.close();
      }
    });

    describe('with a camera', () => {
      const inElement = (page: Page, expression: string) =>
        page.evaluate(
          `(() => { const camera = document.querySelector('agewise-camera'); const root = camera.shadowRoot; return ${expression}; })()`,
        );

      it('tracks faces, reports them and a decision, and releases the camera', async () => {
        const context = await browser.newContext({ viewport: WIDTHS.wide, serviceWorkers: 'block' });
        const page = await open(context);
        await page.evaluate(`
        globalThis.told = { faces: [], decisions: [], ids: new Set() };
        document.addEventListener('agewise-faces', ({ detail }) => {
          told.faces.push(detail.time);
          for (const { id } of detail.faces) told.ids.add(id);
        });
        document.addEventListener('agewise-decision', ({ detail }) => told.decisions.push(detail));
      `);
        await page.getByRole('radio', { name: 'Camera' }).check();
        await page.waitForSelector('agewise-camera .box');
        await page.waitForSelector('.people .face');
        expect(await page.locator('agewise-camera .label').first().innerText()).toMatch(
          /^\d+\s+·\s+\d+–\d+$/,
        );
        // Faces keep their ids, and each frame is another.
        await expect.poll(() => page.evaluate('told.faces.length'), { timeout: 40_000 }).toBeGreaterThan(8);
        const times = (await page.evaluate('told.faces')) as number[];
        expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
        expect(await page.evaluate('told.ids.size')).toBeLessThan(6);
        expect(await faults(page)).toEqual([]);
        await page.getByRole('radio', { name: 'Pictures' }).check();
        expect(
          await inElement(page, "camera.running || root.querySelector('video').srcObject !== null"),
        ).toBe(false);
        await context.close();
      });

      it('decides about one person, on a page of its own', async () => {
        const { box } = inNode.faces[0]!;
        const { width = 0 } = await sharp(photo(3)).metadata();
        const scale = width / inNode.width;
        const still = await sharp(photo(3))
          .extract({
            left: Math.max(0, Math.round(scale * (box.x - 0.6 * box.width))),
            top: Math.max(0, Math.round(scale * (box.y - 0.5 * box.height))),
            width: Math.round(scale * 2.2 * box.width),
            height: Math.round(scale * 2 * box.height),
          })
          // The others in the photograph are left out.
          .resize(640, 480, { fit: 'contain', background: '#7d8a86' })
          .jpeg()
          .toBuffer();
        const file = join(folder, 'person.mjpeg');
        await writeFile(file, Buffer.concat(new Array(10).fill(still)));
        const alone = await launch(...CAMERA, `--use-file-for-fake-video-capture=${file}`);
        try {
          const page = await alone.newPage();
          await page.goto(server.address);
          await page.waitForSelector('html[data-ready]');
          await page.evaluate(`
          globalThis.decided = new Promise((resolve) => {
            document.addEventListener('agewise-decision', ({ detail }) => resolve(detail), { once: true });
          });
          const camera = document.createElement('agewise-camera');
          camera.setAttribute('mode', 'check');
          camera.setAttribute('age', '18');
          camera.setAttribute('challenge', '25');
          document.body.append(camera);
          void camera.start();
        `);
          const decision = (await page.evaluate('decided')) as {
            verdict: string;
            age: number;
            estimate: number;
          };
          expect(decision).toMatchObject({ verdict: 'pass', age: 18, challenge: 25, faces: 1 });
          expect(decision.estimate).toBeGreaterThan(25);
        } finally {
          await alone.close();
        }
      });

      it('estimates on a page of another origin, with threads', async () => {
        const elsewhere = await PageServer.start(site, { cors: true });
        const own = join(folder, 'own');
        await mkdir(own);
        const script = `<script type="module" src="${elsewhere.address}agewise-camera.js"></script>`;
        const element = '<agewise-camera threads="2" autostart></agewise-camera>';
        const told = `<script>
          globalThis.told = new Promise((resolve, reject) => {
            addEventListener('agewise-faces', ({ detail }) => detail.faces.length > 0 && resolve(detail.faces.length));
            addEventListener('agewise-error', ({ detail }) => reject(detail.error));
          });
        </script>`;
        await writeFile(join(own, 'index.html'), `<!doctype html>${told}${script}${element}`);
        const host = await PageServer.start(own);
        const context = await browser.newContext();
        try {
          const page = await context.newPage();
          await page.goto(host.address);
          expect(await page.evaluate('crossOriginIsolated')).toBe(true);
          expect(await page.evaluate('told')).toBeGreaterThan(0);
          const received = Buffer.concat(host.received).toString();
          expect(received).not.toMatch(/\.onnx|\.wasm|worker/);
        } finally {
          await context.close();
          await host.stop();
          await elsewhere.stop();
        }
      });

      it.each([
        [
          'is refused',
          ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'],
          /is not allowed/,
        ],
        ['is missing', ['--use-fake-ui-for-media-stream'], /No camera was found/],
      ])('reports if it %s, and can be started again', async (_, args, sentence) => {
        const without = await launch(...args);
        try {
          const page = await without.newPage();
          await page.goto(server.address);
          await page.waitForSelector('html[data-ready]');
          await page.getByRole('radio', { name: 'Camera' }).check();
          await page.waitForSelector('agewise-camera [role=alert][data-failed=true]');
          expect(await page.locator('agewise-camera [role=alert]').innerText()).toMatch(sentence);
          expect(await page.getByRole('button', { name: 'Start the camera' }).isVisible()).toBe(true);
        } finally {
          await without.close();
        }
      });
    });

    // The last one: it stops the server.
    it('works offline once loaded, with a new picture and with two threads', async () => {
      const context = await browser.newContext();
      try {
        const page = await open(context);
        await page.waitForSelector('html[data-offline=ready]');
        await server.stop();
        await page.goto(`${server.gone}?threads=2`);
        await page.waitForSelector('html[data-ready]');
        expect(await page.evaluate('crossOriginIsolated')).toBe(true);
        await upload(page, photo(6));
        await page.waitForSelector('.face');
        expect(await page.locator('.face').count()).toBe(4);
        const manifest = (await page.evaluate(
          "fetch('manifest.webmanifest').then((answer) => answer.json())",
        )) as {
          name: string;
          icons: { sizes: string }[];
        };
        expect(manifest.name).toBe('Agewise');
        expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(['192x192', '512x512', 'any']);
      } finally {
        await context.close();
      }
    });
  },
);
