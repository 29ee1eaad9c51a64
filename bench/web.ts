/**
 * Live video in headless Chromium on WebAssembly: Agewise's camera element and its library beside `@vladmandic/human`, with its
 * default skipping of frames and without, and `@vladmandic/face-api`, in the same browser with the same camera file, one after
 * another in turns. Counts different camera frames that got a result drawn, and those of them whose ages were newly computed:
 * Agewise computes each frame's ages from its own pixels, human with its skipping repeats earlier answers. Ratios are of new
 * ages, and the table has both. Then how soon a face that enters is found, and how soon the page estimates when it is opened again.
 *
 * `npm run bench:web -- 3 6` sets the number of turns and the seconds of each.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { bundleWeb } from '../scripts/web/bundle.js';
import { chromiumFolder, chromiumRunsHere } from '../test/support/chromium.js';
import { serveWeb, type WebServer } from '../test/support/web-server.js';
import { warnIfBusy } from './lib/busy.js';
import { type FilmOptions, film } from './lib/film.js';
import { AbsentError, ROOT } from './lib/paths.js';
import { formatTable, type Requirement, runBenchmark } from './lib/report.js';
import { median } from './lib/statistics.js';
import { CONTENDER_NAMES, type Contender, loopOf, startOf, type Turn } from './lib/web-contenders.js';

const [ROUNDS = 3, SECONDS = 6] = process.argv.slice(2).map(Number);
/** What is asked for, of the camera element. */
const ASKED = { frames: { 1: 20, 2: 12 }, human: 2.5, humanUnskipped: 3, p95: 150, entered: 500, task: 100 };
/** Milliseconds from opening the page again to its first estimate. */
const WARM_LOAD = 3000;
/** A queue that grows delays the last frames more than the first. */
const GROWTH = 1.5;
/** A frame in twenty may miss a face. */
const FOUND = 0.95;
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');

async function launch(options: FilmOptions): Promise<Browser> {
  return chromium.launch({
    executablePath: join(await chromiumFolder(), 'chromium'),
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${await film(options)}`,
    ],
  });
}

async function opened(browser: Browser, { origin }: WebServer, name: Contender): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${origin}/index.html`);
  await page.evaluate(loopOf(name));
  return page;
}

/** @returns for each contender its turns, and the milliseconds from loading it to its first result */
async function measure(
  server: WebServer,
  faces: 1 | 2,
): Promise<{ turns: Map<Contender, Turn[]>; first: Map<Contender, number> }> {
  const browser = await launch({ faces });
  const turns = new Map<Contender, Turn[]>(CONTENDER_NAMES.map((name) => [name, []]));
  const first = new Map<Contender, number>();
  try {
    const pages = new Map<Contender, Page>();
    for (const name of CONTENDER_NAMES) {
      const page = await opened(browser, server, name);
      const start = performance.now();
      await page.evaluate(startOf(name));
      first.set(name, performance.now() - start);
      pages.set(name, page);
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, page] of pages) {
        await page.bringToFront();
        turns.get(name)!.push((await page.evaluate(`watch(${SECONDS}, false)`)) as Turn);
      }
    }
    const runtime = await pages.get('agewise')!.evaluate('globalThis.runtime');
    console.log(`Agewise runs on ${JSON.stringify(runtime)}`);
  } finally {
    await browser.close();
  }
  return { turns, first };
}

/** Milliseconds until a face that enters is found, the longest of a few times. */
async function measureEntering(server: WebServer): Promise<number> {
  const browser = await launch({ faces: 1, entering: true });
  try {
    const page = await opened(browser, server, 'agewise-camera');
    await page.evaluate(startOf('agewise-camera'));
    const { entered } = (await page.evaluate(`watch(${ROUNDS * SECONDS}, true)`)) as Turn;
    return entered ?? Number.POSITIVE_INFINITY;
  } finally {
    await browser.close();
  }
}

/** Milliseconds from opening the page, which the browser keeps, to the first picture's ages: a median. */
async function measureWarmLoad({ origin }: WebServer): Promise<number> {
  const browser = await launch({ faces: 1 });
  try {
    const context = await browser.newContext();
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const page = await context.newPage();
      const start = performance.now();
      await page.goto(`${origin}/page/index.html`);
      await page.setInputFiles('[data-test=files]', PHOTO);
      await page.waitForSelector('.face');
      if (round > 0) times.push(performance.now() - start);
      await page.waitForSelector('html[data-offline=ready]');
      await page.close();
    }
    return median(times);
  } finally {
    await browser.close();
  }
}

/** The built page's files, by their paths below `/page/`. */
async function builtPage(): Promise<(readonly [string, Uint8Array])[]> {
  const folder = await mkdtemp(join(tmpdir(), 'agewise-bench-page-'));
  try {
    const configFile = join(ROOT, 'web/vite.config.ts');
    await build({ root: join(ROOT, 'web'), configFile, build: { outDir: folder }, logLevel: 'error' });
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    return await Promise.all(
      files.map(async (file) => [`/page${file.slice(folder.length)}`, await readFile(file)] as const),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const middle = (turns: readonly Turn[], field: Exclude<keyof Turn, 'entered'>) =>
  median(turns.map((turn) => turn[field]));

function showTurns(
  faces: number,
  turns: ReadonlyMap<Contender, readonly Turn[]>,
  first: ReadonlyMap<Contender, number>,
): void {
  const ours = middle(turns.get('agewise-camera')!, 'rate');
  console.log(`\n${faces} ${faces === 1 ? 'face' : 'faces'}, ${ROUNDS} turns of ${SECONDS} s, medians`);
  const rows = CONTENDER_NAMES.map((name) => {
    const mine = turns.get(name)!;
    const rate = middle(mine, 'rate');
    const newRate = middle(mine, 'newRate');
    return [
      name,
      rate.toFixed(1),
      `${(ours / rate).toFixed(2)} ×`,
      newRate.toFixed(1),
      `${(ours / newRate).toFixed(2)} ×`,
      ...(['p95', 'longest'] as const).map((field) => middle(mine, field).toFixed(0)),
      middle(mine, 'faces').toFixed(2),
      first.get(name)!.toFixed(0),
    ];
  });
  const head = [
    '',
    'frames/s',
    'element is',
    'new ages/s',
    'element is',
    'p95 ms',
    'longest task ms',
    'faces',
    'load to first ms',
  ];
  console.log(formatTable(head, rows));
}

const one = (value: number) => value.toFixed(1);
const whole = (value: number) => value.toFixed(0);
const atLeast = (name: string, measured: number, bound: number): Requirement => {
  return { name, measured, bound, kind: 'at least', format: one };
};
const atMost = (name: string, measured: number, bound: number, format = whole): Requirement => {
  return { name, measured, bound, kind: 'at most', format };
};

await runBenchmark(async () => {
  if (!chromiumRunsHere) throw new AbsentError('Chromium for tests runs on x64 Linux only');
  const modules = join(ROOT, 'node_modules');
  const page = '<!doctype html><video muted playsinline></video><canvas width="640" height="480"></canvas>';
  const server = await serveWeb(
    [
      ['/index.html', page],
      ...[...(await bundleWeb()).files].map(([name, code]) => [`/agewise/${name}`, code] as const),
      ...(await builtPage()),
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
    for (const faces of [1, 2] as const) {
      await warnIfBusy();
      const { turns, first } = await measure(server, faces);
      showTurns(faces, turns, first);
      const own = turns.get('agewise-camera')!;
      const rate = middle(own, 'rate');
      const at = `with ${faces} ${faces === 1 ? 'face' : 'faces'}`;
      requirements.push(
        atLeast(`frames a second ${at}`, rate, ASKED.frames[faces]),
        {
          ...atLeast(`faces found a frame ${at}`, middle(own, 'faces'), FOUND * faces),
          format: (n) => n.toFixed(2),
        },
        atMost(`delay of the last third over the first ${at}`, middle(own, 'growth'), GROWTH, one),
      );
      if (faces === 2) continue;
      const ratio = (name: Contender) => rate / middle(turns.get(name)!, 'newRate');
      requirements.push(
        atLeast('times human with its skipping', ratio('human'), ASKED.human),
        atLeast('times human without', ratio('human, no skipping'), ASKED.humanUnskipped),
        atMost('ms from capture to result (p95)', middle(own, 'p95'), ASKED.p95),
        atMost('ms of the longest task of the page', middle(own, 'longest'), ASKED.task),
      );
    }
    await warnIfBusy();
    requirements.push(
      atMost('ms until a face that enters is found', await measureEntering(server), ASKED.entered),
      atMost(
        'ms from a warm load of the page to its first estimate',
        await measureWarmLoad(server),
        WARM_LOAD,
      ),
    );
  } finally {
    server.close();
  }
  return requirements;
});
