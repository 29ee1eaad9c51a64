import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as launcher } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkRecipe } from '../src/train/index.js';
import { RunLog, writeEnsemblePage, writeRunFacts, writeRunPage } from '../src/train/testing.js';
import { swiftshaderRunsHere } from './support/swiftshader.js';

/** Only the page's own policy and the escaping keep it from running. */
const HOSTILE = '<img src="https://example.org/x.png" onerror="document.title=1">';
const EPOCHS = 12;
const LABELS = Array.from({ length: 101 }, (_, age) => `${age}`);

let folder: string;
let browser: Browser | undefined;

async function writeFacts(run: string): Promise<void> {
  const optimizer = { kind: 'adam' };
  const recipe = checkRecipe(
    {
      name: 'a-recipe-with-a-rather-long-name-for-a-narrow-window',
      title: `Faces & more ${HOSTILE}`,
      source: HOSTILE,
      reports: HOSTILE,
      network: { name: 'lenet-5' },
      heads: { age: { classes: '0-100' }, gender: {} },
      batch: 8,
      stages: [
        { name: 'frozen', epochs: 4, rate: 0.1, optimizer },
        { name: HOSTILE, epochs: 8, rate: 0.01, optimizer },
      ],
    },
    'here',
  );
  await writeRunFacts(run, {
    recipe,
    seed: 1,
    command: ['agewise', 'train', HOSTILE],
    device: 'cpu',
    target: 'standard',
    stores: [
      {
        folder: HOSTILE,
        id: 'faces',
        title: 'Faces',
        terms: 'research',
        fingerprint: 'ab'.repeat(32),
        rows: 1000,
      },
    ],
    split: { name: 'shares', counts: { train: 900, validation: 100 }, sha256: 'cd'.repeat(32) },
  });
}

async function writeRun(run: string): Promise<void> {
  await writeFacts(run);
  const log = await RunLog.open(run, { step: 0 });
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const at = { epoch, step: 10 * epoch, stage: epoch <= 4 ? 'frozen' : HOSTILE, rate: 1e-3 / epoch };
    const train = { loss: 4 / epoch, mae: 9 / epoch, accuracy: 0.1, gender: 0.9, 'loss.crossEntropy': 1 };
    await log.write({ kind: 'step', ...at, train, imagesPerSecond: 50 });
    await log.write({ kind: 'epoch', ...at, train, validation: train, best: true, seconds: 60 * epoch });
  }
  const mean = LABELS.map(() => 1 / LABELS.length);
  const classes = LABELS.map((label) => ({ label, count: 9, mean }));
  for (const epoch of [4, EPOCHS])
    await log.write({ kind: 'separation', epoch, step: 10 * epoch, classes, labels: LABELS });
  await log.write({ kind: 'notice', epoch: EPOCHS, step: 10 * EPOCHS, message: HOSTILE });
  await log.close();
  await writeRunPage(run);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-run-page-'));
  const members = [1, 2].map((member) => join(folder, `member-${member}`));
  await writeFacts(folder);
  for (const member of members) await writeRun(member);
  await writeEnsemblePage(folder, members);
  if (!swiftshaderRunsHere) return;
  const executablePath = await chromium.executablePath();
  browser = await launcher.launch({ executablePath, args: ['--no-sandbox', '--headless=shell'] });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

it.each([
  ['light', 1280],
  ['dark', 400],
] as const)('pages of runs are self-contained, %s, %i pixels wide', async (colorScheme, width) => {
  if (!browser) {
    console.log('skipped: @sparticuz/chromium runs on x64 Linux only');
    return;
  }
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const tab = await context.newPage();
  const troubles: string[] = [];
  tab.on('console', (message) => troubles.push(message.text()));
  tab.on('pageerror', (error) => troubles.push(error.message));
  const asked: string[] = [];
  tab.on('request', (request) => asked.push(new URL(request.url()).protocol));
  await tab.goto(pathToFileURL(join(folder, 'report.html')).href);
  const narrow = 'document.documentElement.scrollWidth - innerWidth';
  expect(await tab.evaluate(narrow)).toBe(0);
  expect(await tab.locator('svg').count()).toBeGreaterThan(4);
  await tab.getByRole('link', { name: 'member-2' }).click();
  await tab.waitForURL('**/member-2/report.html');
  expect(await tab.title()).toBe('a-recipe-with-a-rather-long-name-for-a-narrow-window');
  expect(await tab.evaluate(narrow)).toBe(0);
  for (const summary of await tab.locator('summary').all()) await summary.click();
  expect(await tab.evaluate(narrow)).toBe(0);
  const colour = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(colour).toBe(colorScheme === 'light' ? 'rgb(247, 247, 245)' : 'rgb(20, 22, 26)');
  expect(troubles).toEqual([]);
  expect([...new Set(asked)]).toEqual(['file:']);
  await context.close();
});
