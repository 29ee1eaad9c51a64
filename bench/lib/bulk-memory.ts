/** What memory bulk estimation takes, beside its networks: the same for ten times as many pictures. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BulkMeasured, BulkPhase } from './bulk-memory-process.js';
import { ROOT } from './paths.js';
import { formatTable, type Requirement } from './report.js';

/** Small, so that peaks are of what is held, not of what has not been collected yet. */
const HEAP = '--max-old-space-size=128';

/** As many as in docs/SCALE.md. */
export const SHARDS = 64;

const SCRIPT = path.join(import.meta.dirname, 'bulk-memory-process.ts');
const TIMES = 10;
/** Of the collector's timing, peaks differ by more than this share only if something grows. */
const MOST_GROWTH = 1.2;

/** The others make what these read. */
const PHASES: Readonly<Record<Exclude<BulkPhase, 'shards' | 'makeStore'>, string>> = {
  folder: 'names in one folder',
  estimate: 'estimate --out: list, records kept for an interrupt, Parquet',
  store: 'pictures of a store',
  join: `jobs join: ${SHARDS} shards of every ${SHARDS}th picture`,
};

/** Prints peaks for `pictures` and a tenth of them; returns what is asked for of them. */
export async function bulkMemory(pictures: number): Promise<readonly Requirement[]> {
  const few = Math.round(pictures / TIMES);
  const [less, more] = [await measure(few), await measure(pictures)];
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const phases = Object.keys(PHASES) as (keyof typeof PHASES)[];
  console.log(
    formatTable(
      ['', `peak MB, ${few}`, `peak MB, ${pictures}`, 'pictures/s'],
      phases.map((phase) => [
        PHASES[phase],
        megabytes(less[phase].peakBytes),
        megabytes(more[phase].peakBytes),
        (pictures / more[phase].seconds).toFixed(0),
      ]),
    ),
  );
  return phases.map((phase) => ({
    name: `peak memory of ${phase}, ${pictures} pictures over ${few}`,
    measured: more[phase].peakBytes / less[phase].peakBytes,
    bound: MOST_GROWTH,
    kind: 'at most',
    format: (ratio) => `${ratio.toFixed(2)}×`,
  }));
}

async function measure(pictures: number): Promise<Record<BulkPhase, BulkMeasured>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  try {
    await writeFile(path.join(folder, 'picture.jpg'), 'no picture');
    const list = await open(path.join(folder, 'pictures.txt'), 'w');
    const piece = 'picture.jpg\n'.repeat(1000);
    for (let left = pictures; left > 0; left -= 1000) {
      await list.write(left >= 1000 ? piece : 'picture.jpg\n'.repeat(left));
    }
    await list.close();
    await mkdir(path.join(folder, 'flat'));
    for (let i = 0; i < pictures; i++) await writeFile(path.join(folder, 'flat', `${i}.jpg`), '');
    const flat = await inProcess('folder', folder, pictures);
    await rm(path.join(folder, 'flat'), { recursive: true });
    const estimate = await inProcess('estimate', folder, pictures);
    const made = { makeStore: await inProcess('makeStore', folder, pictures) };
    const store = await inProcess('store', folder, pictures);
    const shards = await inProcess('shards', folder, pictures);
    const join = await inProcess('join', folder, pictures);
    return { folder: flat, estimate, ...made, store, shards, join };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function inProcess(phase: BulkPhase, folder: string, pictures: number): Promise<BulkMeasured> {
  const args = [HEAP, '--import', 'tsx', SCRIPT, phase, folder, String(pictures), String(SHARDS)];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${phase}: the process ended with code ${code}`);
  return JSON.parse(text) as BulkMeasured;
}
