/**
 * Whether every recipe learns: `agewise train RECIPE --smoke`, 64 faces of UTKFace until the loss of each stage is below
 * 30% of its first.
 *
 *     npm run bench:smoke [-- --threads 1] [RECIPE...]
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadRecipe, type Recipe, shippedRecipes } from '../src/train/index.js';
import { copies } from './lib/copies.js';
import { listImages, ROOT, requireShared } from './lib/paths.js';
import { sample } from './lib/random.js';
import { type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { parseUtkFaceName } from './lib/utkface.js';

/** With a tenth to validate on and a tenth to test on, more than 64 are left. */
const PICTURES = 420;
const SEED = 6;
const SIZE = 256;
const AGEWISE = path.join(ROOT, 'src', 'cli', 'main.ts');

await runBenchmark(async () => {
  const { values, positionals } = parseArgs({
    options: { threads: { type: 'string', default: '2' } },
    allowPositionals: true,
  });
  const shipped = await shippedRecipes();
  const unknown = positionals.find((name) => !shipped.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no recipe '${unknown}'`);

  const folder = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  try {
    const stores: Partial<Record<Alignment, string>> = {};
    const requirements: Requirement[] = [];
    for (const name of positionals.length > 0 ? positionals : shipped) {
      const run = path.join(folder, name);
      const { alignment } = (await loadRecipe(name)).input;
      stores[alignment] ??= await makeStore(folder, alignment);
      const store = stores[alignment];
      requirements.push(...(await smoke(name, store, run, values.threads)));
      // A large network's checkpoints take gigabytes.
      await rm(run, { recursive: true, force: true });
    }
    return requirements;
  } finally {
    await rm(folder, { recursive: true });
  }
});

type Alignment = Recipe['input']['alignment'];

/** What `agewise data import` is asked for, for a store of each alignment. */
const FLAGS: Readonly<Record<Alignment, readonly string[]>> = {
  none: [],
  roll: ['--align'],
  rotations: ['--rotations'],
};

/** A store of faces rotated as a network's input says, with the margin of 0.4 that recipes expect. */
async function makeStore(folder: string, alignment: Alignment): Promise<string> {
  const source = path.join(folder, 'utkface');
  if (!existsSync(source)) {
    const files = (await listImages(requireShared('data', 'utkface'))).filter(parseUtkFaceName);
    await copies(sample(files, PICTURES, SEED), source);
  }
  const store = path.join(folder, `${alignment}.store`);
  const flags = ['--detect', ...FLAGS[alignment], '--size', String(SIZE), '--json'];
  await agewise('data', 'import', 'utkface', source, store, ...flags);
  return store;
}

/** Prints the last lines of the run; returns the final loss of each stage as a share of its first. */
async function smoke(name: string, store: string, run: string, threads: string): Promise<Requirement[]> {
  const start = performance.now();
  const notes = await agewise(
    ...['train', name, '--smoke', '--data', store, '--out', run, '--threads', threads, '--json'],
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const ends = [...notes.matchAll(/^(.+): loss (\S+) → (\S+), \d+% of the first/gm)];
  if (ends.length === 0) throw new Error(`${name} did not finish: ${notes}`);
  return ends.map(([line, stage, first, last]) => {
    console.log(`${name}: ${line}, ${seconds} s`);
    return {
      name: `${name}, ${stage}`,
      measured: Number(last) / Number(first),
      bound: 0.3,
      kind: 'at most',
      format: (share) => `${(100 * share).toFixed(0)}%`,
    };
  });
}

/** The output of a command; it may end with 1, like a run that has not learnt. */
async function agewise(...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', AGEWISE, ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let notes = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes += text;
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code === 0 || code === 1) return notes;
  throw new Error(`agewise ${words.join(' ')}: ended with ${code}: ${notes}`);
}
