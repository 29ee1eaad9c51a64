/** Training in a browser tab, compared with Node. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWeb } from '../scripts/web/bundle.js';
import { AgeEstimator } from '../src/estimate/index.js';
import { readModel } from '../src/onnx/index.js';
import { createSession } from '../src/runtime/node.js';
import { headNetwork, trainHead } from '../src/train/testing.js';
import { chromiumFolder, chromiumRunsHere } from './support/chromium.js';
import { serveWeb, type WebServer } from './support/web-server.js';

const ROOT = join(import.meta.dirname, '..');
const FACES = join(ROOT, '../shared/data/utkface');
const facesAreHere = existsSync(FACES);
const TRAINED = 60;
const OTHERS = 20;
const GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];
const URLS = "modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/'";
const WIDTH = 1024;

const isOld = (name: string) => Number.parseInt(name, 10) >= 65 && Number.parseInt(name, 10) <= 100;

interface Tuned {
  /** Its bytes, in base64. */
  readonly model: string;
  readonly epoch: number;
  readonly history: readonly {
    readonly loss: number;
    readonly validation: { readonly loss: number; readonly mae: number } | null;
  }[];
}

/**
 * Old people, of whom the model tells too young an age, so that there is something to learn: every so many files, so that all
 * ages occur, each with its age.
 */
async function realFaces(): Promise<{ path: string; age: number; bytes: Buffer }[]> {
  const names = (await readdir(FACES)).filter((name) => /^\d+_[01]_/.test(name) && isOld(name)).sort();
  const count = TRAINED + OTHERS;
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const name = names[Math.floor((i * names.length) / count)]!;
      const bytes = await readFile(join(FACES, name));
      return { path: `/face-${i}.jpg`, age: Number.parseInt(name, 10), bytes };
    }),
  );
}

/** The core of training on made features, as a script for a page. */
async function coreScript(): Promise<Uint8Array> {
  const contents = `
    import { trainHead } from './src/train/heads/index.js';
    import { webSessions } from './src/runtime/web.js';
    import { fileFetcher } from './src/registry/web.js';
    export async function train(device, { samples, network, options }) {
      const files = new URL('/onnxruntime-web/', location.href);
      const sessions = webSessions({ files, fetchFile: fileFetcher() });
      const floats = Float32Array.from.bind(Float32Array);
      const sampleOf = ({ features, logits, label }) => ({ features: floats(features), logits: floats(logits), label });
      const layer = { weight: floats(network.weight), bias: floats(network.bias) };
      const { classes, width } = network;
      const parts = { training: samples.map(sampleOf), validation: [] };
      const { history } = await trainHead({ classes, width, layer }, sessions, parts, { ...options, device });
      return history.map(({ loss }) => loss);
    }`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.contents;
}

describe.skipIf(!chromiumRunsHere)(
  'training in a tab (skipped except on x64 Linux, for which a browser is installed)',
  () => {
    let server: WebServer;
    let browser: Browser;

    const launch = async (args: readonly string[] = []) =>
      chromium.launch({
        executablePath: join(await chromiumFolder(), 'chromium'),
        args: ['--no-sandbox', ...args],
      });
    const open = async (browser: Browser): Promise<Page> => {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/index.html`);
      return page;
    };

    beforeAll(async () => {
      server = await serveWeb([
        ['/index.html', '<!doctype html>'],
        ['/core.js', await coreScript()],
        ...[...(await bundleWeb()).files].map(([name, code]) => [`/agewise/${name}`, code] as const),
      ]);
      browser = await launch();
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    it('has the losses of Node on WebAssembly, and nearly on WebGPU', async () => {
      const { classes } = headNetwork(
        readModel(await readFile(join(ROOT, 'models/agewise-base.onnx'))),
        'agewise-base',
      );
      const samples = Array.from({ length: 16 }, (_, i) => ({
        label: { age: 5 * i, std: 2 },
        features: Array.from({ length: WIDTH }, (_, k) => Math.abs(Math.sin(i + k * (1 + i / 20)))),
        logits: classes.map((_, k) => Math.cos(k / 9)),
      }));
      // In steps of one batch, three of them.
      const options = { epochs: 3, batch: 16, learningRate: 1e-2, seed: 1 };
      const layer = {
        weight: new Float32Array(WIDTH * classes.length),
        bias: new Float32Array(classes.length),
      };
      const inNode = await trainHead(
        { classes, width: WIDTH, layer },
        createSession,
        {
          training: samples.map(({ label, features, logits }) => ({
            label,
            features: Float32Array.from(features),
            logits: Float32Array.from(logits),
          })),
          validation: [],
        },
        options,
      );
      const expected = inNode.history.map(({ loss }) => loss);
      expect(expected[3]).toBeLessThan(0.9 * expected[0]!);
      const network = { classes, width: WIDTH, weight: [...layer.weight], bias: [...layer.bias] };
      const task = JSON.stringify({ samples, network, options });
      const compare = async (page: Page, device: string, tolerance: number) => {
        const found = (await page.evaluate(
          `import('/core.js').then(({ train }) => train('${device}', ${task}))`,
        )) as number[];
        expect(found).toHaveLength(expected.length);
        found.forEach((loss, i) => {
          expect(Math.abs(loss / expected[i]! - 1), `loss ${i} on ${device}`).toBeLessThan(tolerance);
        });
      };
      await compare(await open(browser), 'cpu', 1e-5);
      const gpu = await launch(GPU);
      try {
        await compare(await open(gpu), 'webgpu', 1e-3);
      } finally {
        await gpu.close();
      }
    }, 180_000);

    it('says in one sentence what it cannot train on', async () => {
      const page = await open(browser);
      const message = (pictures: string, options = '') =>
        page.evaluate(`import('/agewise/train.js').then(({ fineTune }) =>
        fineTune(${pictures}, { ${URLS}, threads: 1, ${options} }).then(() => 'trained', (error) => error.message))`);
      expect(await message('[{ image: new Blob(["text"]), age: 3 }]')).toMatch(
        /^Pictures: expected at least 8 with a face, found 0 of 1 \(picture 1: expected an image .* found text\)$/,
      );
      expect(await message('[]', "model: '/missing.onnx'")).toMatch(
        /^Model '\/missing\.onnx': .* 404 Not Found$/,
      );
      expect(await message('[]', "workerUrl: '/missing.js'")).toMatch(
        /^The training's worker: it has failed or cannot be started .*train-worker\.js$/,
      );
    });

    it.skipIf(!facesAreHere)(
      'learns from 60 real faces, by which 20 others profit (skipped if ../shared has none)',
      async () => {
        const faces = await realFaces();
        for (const { path, bytes } of faces) server.files.set(path, bytes);
        const page = await open(browser);
        const labels = JSON.stringify(faces.map(({ path, age }) => ({ path, age })));
        const found = (await page.evaluate(`(async () => {
        const { fineTune } = await import('/agewise/train.js');
        const pictures = await Promise.all(${labels}.map(async ({ path, age }) =>
          ({ age, image: await (await fetch(path)).blob() })));
        const options = { ${URLS}, threads: 1, validationShare: ${OTHERS / (TRAINED + OTHERS)} };
        const { model, epoch, history } = await fineTune(pictures, options);
        return { model: model.toBase64(), epoch, history };
      })()`)) as Tuned;
        const { history, epoch } = found;
        const [first, kept] = [history[0]!, history[epoch]!];
        // Of the layer that is kept, the one and the other.
        expect(kept.loss).toBeLessThan(0.7 * first.loss);
        expect(kept.validation!.loss).toBeLessThan(first.validation!.loss);

        // The file estimates alike in Node and in the page.
        const model = new Uint8Array(Buffer.from(found.model, 'base64'));
        server.files.set('/tuned.onnx', model);
        const ages = (await page.evaluate(`(async () => {
        const { AgeEstimator } = await import('/agewise/agewise.js');
        const estimator = await AgeEstimator.load({ ${URLS}, threads: 1, models: ['/tuned.onnx'] });
        const results = await estimator.estimate(['/face-0.jpg', '/face-40.jpg', '/face-79.jpg']);
        return results.map(({ faces }) => faces.map(({ age }) => age));
      })()`)) as number[][];
        const estimator = await AgeEstimator.load({ models: [model] });
        const results = await estimator.estimate([faces[0]!.bytes, faces[40]!.bytes, faces[79]!.bytes]);
        await estimator.dispose();
        results.forEach((result, i) => {
          if ('error' in result) throw result.error;
          expect(ages[i]).toHaveLength(result.faces.length);
          result.faces.forEach(({ age }, k) => {
            expect(Math.abs(ages[i]![k]! - age)).toBeLessThan(0.05);
          });
        });
      },
      240_000,
    );
  },
);
