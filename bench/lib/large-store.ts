/** The memory that a large store takes, with each kind of work in its own process. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeFaceStore } from './face-store.js';
import type { Measured, Phase } from './large-store-process.js';
import { ROOT } from './paths.js';
import { formatTable, type Requirement } from './report.js';

const SCRIPT = path.join(import.meta.dirname, 'large-store-process.ts');
/** Pictures that are repeated. */
const PICTURES = 1024;
const SIDE = 128;
const MOST_BYTES = 1e9;

const PHASES: Readonly<Record<Phase, string>> = {
  import: 'import: decoded to be checked and hashed, kept as they are',
  inspect: 'inspection',
  iterate: 'iteration: all labels and all pictures, in order and at random',
};

/** Prints the time and the memory of each kind of work; returns the requirements. */
export async function largeStoreBench(rows: number): Promise<readonly Requirement[]> {
  const { folder: pictures, remove } = await writeFaceStore(PICTURES, SIDE);
  const parent = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  try {
    const store = path.join(parent, 'store');
    const measured: [string, Measured][] = [];
    for (const [phase, name] of Object.entries(PHASES)) {
      measured.push([name, await inProcess(phase as Phase, pictures, store, rows)]);
    }
    console.log(`A store of ${rows} rows at ${SIDE} px\n`);
    console.log(
      formatTable(
        ['', 'seconds', 'rows/s', 'peak MB'],
        measured.map(([name, { seconds, peakBytes }]) => [
          name,
          seconds.toFixed(1),
          (rows / seconds).toFixed(0),
          (peakBytes / 1e6).toFixed(0),
        ]),
      ),
    );
    console.log();
    return measured.map(([name, { peakBytes }]) => ({
      name: `peak memory of ${name.split(':')[0]}`,
      measured: peakBytes,
      bound: MOST_BYTES,
      kind: 'at most',
      format: (bytes) => `${(bytes / 1e6).toFixed(0)} MB`,
    }));
  } finally {
    await Promise.all([remove(), rm(parent, { recursive: true })]);
  }
}

async function inProcess(phase: Phase, pictures: string, store: string, rows: number): Promise<Measured> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, phase, pictures, store, String(rows)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${phase}: the process ended with code ${code}`);
  return JSON.parse(text) as Measured;
}
