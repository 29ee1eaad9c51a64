/** The library in pages as others build them: the documented page as it is, and bundled by Vite and by esbuild. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build as esbuild } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumFolder, chromiumRunsHere } from './support/chromium.js';
import { serveWeb, type WebServer } from './support/web-server.js';

const ROOT = join(import.meta.dirname, '..');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');

/** An application of somebody else, which has the package as a dependency. */
const APPLICATION = (workerUrl: string) => `
  import { AgeEstimator } from 'agewise/web';
  globalThis.ages = (async () => {
    const estimator = await AgeEstimator.load({
      modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/', threads: 2, ${workerUrl}
    });
    const { faces } = await estimator.estimate('/photo.jpg');
    await estimator.dispose();
    return faces.map(({ age }) => age);
  })();`;

/** Every file below a folder, by its path. */
async function filesBelow(folder: string): Promise<(readonly [path: string, bytes: Uint8Array])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [`/${relative(folder, path).replaceAll('\\', '/')}`, await readFile(path)] as const;
      }),
  );
}

describe.skipIf(!chromiumRunsHere)(
  'pages (skipped except on x64 Linux, for which a browser is installed)',
  () => {
    let folder: string;
    let server: WebServer;
    let browser: Browser;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'agewise-pages-'));
      await mkdir(join(folder, 'node_modules'));
      await symlink(ROOT, join(folder, 'node_modules/agewise'), 'junction');
      server = await serveWeb([['/photo.jpg', await readFile(PHOTO)]]);
      browser = await chromium.launch({
        executablePath: join(await chromiumFolder(), 'chromium'),
        args: ['--no-sandbox'],
      });
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const open = async (path: string): Promise<{ page: Page; problems: string[] }> => {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(server.origin + path);
      return { page, problems };
    };

    it('docs/browser.html runs unchanged', async () => {
      const html = await readFile(join(ROOT, 'docs/browser.html'), 'utf8');
      expect(html.trimEnd().split('\n').length).toBeLessThanOrEqual(35);
      server.files.set('/browser.html', html);
      for (const [path, bytes] of await filesBelow(join(ROOT, 'dist/browser')))
        server.files.set(`/agewise${path}`, bytes);
      server.files.set('/favicon.ico', '');
      const { page, problems } = await open('/browser.html');
      await page.waitForSelector('input:enabled', { timeout: 60_000 });
      const texts = page.evaluate(`new Promise((resolve) => {
      const texts = [];
      CanvasRenderingContext2D.prototype.fillText = (text) => { texts.push(text); if (texts.length === 3) resolve(texts); };
    })`);
      await page.setInputFiles('input', PHOTO);
      for (const text of (await texts) as string[]) expect(text).toMatch(/^\d+ \(\d+ to \d+\)$/);
      expect(await page.evaluate("document.querySelector('progress').value")).toBe(2);
      expect(problems).toEqual([]);
    }, 120_000);

    it('the library bundled by Vite finds its worker and runs with threads', async () => {
      await writeFile(join(folder, 'main.js'), APPLICATION(''));
      await writeFile(
        join(folder, 'index.html'),
        '<!doctype html><script type="module" src="/main.js"></script>',
      );
      await vite({
        root: folder,
        base: '/vite/',
        logLevel: 'error',
        build: { outDir: 'built', modulePreload: false },
      });
      for (const [path, bytes] of await filesBelow(join(folder, 'built')))
        server.files.set(`/vite${path}`, bytes);
      const names = [...server.files.keys()].filter((path) => path.startsWith('/vite'));
      expect(names.filter((path) => /\.wasm$|ort-/.test(path))).toEqual([]);
      const { page } = await open('/vite/index.html');
      await page.waitForFunction('globalThis.ages !== undefined');
      expect(await page.evaluate('globalThis.ages')).toHaveLength(3);
    }, 120_000);

    it('the library bundled by esbuild runs with the URL of its worker', async () => {
      const { outputFiles } = await esbuild({
        stdin: { contents: APPLICATION("workerUrl: '/worker.js'"), resolveDir: folder },
        bundle: true,
        format: 'esm',
        outdir: join(folder, 'esbuild'),
        write: false,
        logLevel: 'error',
      });
      server.files.set('/esbuild.js', outputFiles[0]!.contents);
      server.files.set('/esbuild.html', '<!doctype html><script type="module" src="/esbuild.js"></script>');
      server.files.set('/worker.js', await readFile(join(ROOT, 'dist/browser/worker.js')));
      const { page } = await open('/esbuild.html');
      await page.waitForFunction('globalThis.ages !== undefined');
      expect(await page.evaluate('globalThis.ages')).toHaveLength(3);
    }, 120_000);
  },
);
