/**
 * How long a first estimate takes, from the start of the process: with models in the cache (warm), without (cold), and what Node,
 * ONNX Runtime and sharp take alone (the floor). Each start is a process of its own, in turns.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatTable, type Requirement } from './report.js';
import { median } from './statistics.js';
import { Worker, type WorkerCommand } from './workers.js';

/** Milliseconds from the start of the process to the first estimate. */
const ASKED = { warm: 300, cold: 390 } as const;

/** Thread pools go on spinning for a while after their work. */
const PAUSE_MILLISECONDS = 100;
/** For a process to write the cache. */
const MOST_WAITING = 60_000;

interface Start {
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
}

/** Prints the medians of `count` starts of each kind, and returns what is asked of them. */
export async function measureStarts(file: string, count: number): Promise<Requirement[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agewise-starts-'));
  try {
    const cache = path.join(folder, 'warm');
    await fill(cache, file);
    const kinds = {
      floor: () => ({
        script: 'start-floor',
        arguments: [path.join(cache, 'agewise', 'optimized')],
        environment: { ORT_DISABLE_TELEMETRY: '1' },
      }),
      warm: () => agewise(cache),
      cold: (round: number) => agewise(path.join(folder, `cold-${round}`)),
    };
    const starts = { floor: [] as Start[], warm: [] as Start[], cold: [] as Start[] };
    for (let round = 0; round < count; round++) {
      for (const [kind, command] of Object.entries(kinds)) {
        await setTimeout(PAUSE_MILLISECONDS);
        starts[kind as keyof typeof kinds].push(await start(command(round), file));
      }
    }
    const wall = (kind: keyof typeof kinds) => median(starts[kind].map(({ milliseconds }) => milliseconds));
    const processor = (kind: keyof typeof kinds) =>
      median(starts[kind].map(({ processorMilliseconds }) => processorMilliseconds));
    const rows = (['floor', 'warm', 'cold'] as const).map((kind) => [
      kind,
      wall(kind).toFixed(0),
      processor(kind).toFixed(0),
      (processor(kind) / processor('floor')).toFixed(2),
    ]);
    console.log(`\n${formatTable([`start, of ${count}`, 'ms', 'processor ms', 'over floor'], rows)}`);
    return (['warm', 'cold'] as const).map((kind) => ({
      name: `start, ${kind}`,
      measured: wall(kind),
      bound: ASKED[kind],
      kind: 'at most',
      format: (value) => `${value.toFixed(0)} ms`,
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const agewise = (cache: string): WorkerCommand => ({
  script: 'agewise',
  arguments: ['2'],
  environment: { XDG_CACHE_HOME: cache },
});

async function start(command: WorkerCommand, file: string): Promise<Start> {
  const { worker, milliseconds } = await Worker.start(command, [file]);
  const { processorMilliseconds } = await worker.describe();
  worker.kill();
  return { milliseconds, processorMilliseconds };
}

/** Lets a process fill the cache with both models. */
async function fill(cache: string, file: string): Promise<void> {
  const { worker } = await Worker.start(agewise(cache), [file]);
  const folder = path.join(cache, 'agewise', 'optimized');
  const known = async () =>
    existsSync(folder) && (await readdir(folder)).filter((name) => name.endsWith('.json')).length;
  for (let waited = 0; (await known()) !== 2; waited += PAUSE_MILLISECONDS) {
    if (waited > MOST_WAITING) throw new Error(`${folder}: expected two models, found fewer`);
    await setTimeout(PAUSE_MILLISECONDS);
  }
  worker.kill();
}
