import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as launcher } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreWriter } from '../src/data/index.js';
import { agewise, MAIN } from './support/command.js';
import { swiftshaderRunsHere } from './support/swiftshader.js';

const ROWS = 600;
/** Only the page's own policy and the escaping keep it from running. */
const HOSTILE = '<img src="https://example.org/x.png" onerror="document.title=1">';

let cwd: string;
let browser: Browser | undefined;

async function writeStore(folder: string): Promise<void> {
  const writer = await StoreWriter.create(folder, {
    origin: {
      id: 'own',
      title: `Faces & more ${HOSTILE}`,
      homepage: 'https://example.org/',
      citation: 'Nobody',
      terms: 'None',
      labels: 'exact age',
    },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < ROWS; row++) {
    const background = { r: row % 256, g: 120, b: 60 };
    const create = { width: 48, height: 40 + (row % 3), channels: 3, background } as const;
    await writer.append({
      path: `${HOSTILE}/${row}.jpg`,
      image: await sharp({ create }).jpeg().toBuffer(),
      // Every second age is a multiple of ten.
      age: { age: row % 2 === 0 ? (row % 9) * 10 : row % 90 },
      gender: row % 3 === 0 ? 'male' : 'female',
      race: `group ${row % 4}`,
    });
  }
  await writer.reject({ path: 'bad.jpg', reason: 'unreadable', detail: HOSTILE });
  await writer.finish({
    threshold: 4,
    groups: [
      [0, 5],
      [1, 2],
    ],
  });
}

beforeAll(async () => {
  expect(existsSync(MAIN), `${MAIN} is missing: npm run build`).toBe(true);
  cwd = await mkdtemp(join(tmpdir(), 'agewise-data-inspect-'));
  await writeStore(join(cwd, 'faces.store'));
  if (!swiftshaderRunsHere) return;
  const executablePath = await chromium.executablePath();
  browser = await launcher.launch({ executablePath, args: ['--no-sandbox', '--headless=shell'] });
});

afterAll(async () => {
  await browser?.close();
  await rm(cwd, { recursive: true });
});

describe('agewise data inspect', () => {
  it('writes a page beside the store and says what is in it', async () => {
    const { code, stdout, stderr } = await agewise(['data', 'inspect', 'faces.store'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^pictures +600$/m);
    expect(stdout).toMatch(/^rejected +1 \(unreadable 1\)$/m);
    expect(stdout).toMatch(/^near-duplicates +4 in 2 groups, 2 with contradictory labels$/m);
    expect(stdout).toMatch(/page +.*faces\.store\.html$/m);
    expect((await readdir(cwd)).sort()).toEqual(['faces.store', 'faces.store.html']);
  });

  it('prints figures as JSON, and then writes a page only if one is requested', async () => {
    await rm(join(cwd, 'faces.store.html'), { force: true });
    const { code, stdout } = await agewise(['data', 'inspect', 'faces.store', '--json', '--seed', '3'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(await readdir(cwd)).toEqual(['faces.store']);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ rows: ROWS, seed: 3, kinds: { exact: ROWS } });
    expect(found.pictures.frequent).toHaveLength(3);
    expect(found.irregularities.heaps.map(({ year }: { year: number }) => year)).toContain(50);
  });

  it.each(['light', 'dark'] as const)('makes a self-contained page, %s', async (colorScheme) => {
    await agewise(['data', 'inspect', 'faces.store', '--out', 'page.html'], { cwd });
    const page = await readFile(join(cwd, 'page.html'), 'utf8');
    expect(page).not.toContain('<img src="https:');
    if (!browser) {
      console.log('skipped: @sparticuz/chromium runs on x64 Linux only');
      return;
    }
    const context = await browser.newContext({ colorScheme, viewport: { width: 400, height: 800 } });
    const tab = await context.newPage();
    const troubles: string[] = [];
    tab.on('console', (message) => troubles.push(message.text()));
    tab.on('pageerror', (error) => troubles.push(error.message));
    const asked: string[] = [];
    tab.on('request', (request) => asked.push(new URL(request.url()).protocol));
    await tab.goto(pathToFileURL(join(cwd, 'page.html')).href);
    expect(troubles).toEqual([]);
    expect(asked.filter((protocol) => protocol !== 'data:')).toEqual(['file:']);
    expect(await tab.title()).toBe(`Faces & more ${HOSTILE}`);
    // No plot or table is wider than a narrow window, and all pictures are there.
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(
      await tab.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 0)'),
    ).toBe(true);
    const colour = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(colour).toBe(colorScheme === 'light' ? 'rgb(247, 247, 245)' : 'rgb(20, 22, 26)');
    await context.close();
  });

  it.each([
    [['nowhere'], /nowhere/],
    [['.'], /found no dataset\.json/],
    [['faces.store', '--sample', '1000'], /from 1 to 200/],
  ])('%j is wrong usage', async (args, sentence) => {
    const { code, stderr } = await agewise(['data', 'inspect', ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('fails if the page cannot be written', async () => {
    const { code, stderr } = await agewise(['data', 'inspect', 'faces.store', '--out', 'missing/page.html'], {
      cwd,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/--out missing\/page\.html: cannot write the page/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('agewise data export', () => {
  it.each([
    ['faces.csv', []],
    ['faces.h5', ['--size', '32']],
    ['pictures', []],
    ['labels', ['--as', 'csv']],
  ])('writes %s', async (out, flags) => {
    const { code, stdout, stderr } = await agewise(['data', 'export', 'faces.store', out, ...flags], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`600 of 600 rows written to ${out}\n`);
    expect(existsSync(join(cwd, out))).toBe(true);
  });

  it('writes picture files that can be imported again', async () => {
    const args = ['data', 'import', 'csv', 'pictures/labels.csv', 'again.store', '--json', '--no-duplicates'];
    const { code, stdout, stderr } = await agewise(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: ROWS, rejects: {} });
  });

  it.each([
    [['faces.h5', '--size', '32'], 2, /expected a new name/],
    [['other.h5'], 2, /was imported without --size; choose the size of the array's pictures with --size/],
    [['other.csv', '--size', '3'], 2, /--size is the size of pictures in an array/],
    [['other.txt'], 2, /expected a name ending in/],
    [['other', '--overwrite'], 2, /not a folder of pictures/],
  ])('%j is refused', async (args, expected, sentence) => {
    const { code, stderr } = await agewise(['data', 'export', 'faces.store', ...args], { cwd });
    expect(code).toBe(expected);
    expect(stderr).toMatch(sentence);
  });
});
