/**
 * Runs benchmarks, and makes a page of their figures:
 *
 *     npm run bench -- all [--runs 5] [--quick] [--continue] [--page] [--out FILE]
 *     npm run bench -- NAME... [the same options]
 *
 * Each run of a benchmark is a process of its own, the first longer than those after it (lib/benchmarks.ts); benchmarks take turns, so that a slow hour of the machine spreads over all of
 * them. Without names other than `all` the page is docs/PERFORMANCE.md; it is written after every run, so that one can stop at any
 * time. `--quick` runs a small part of each benchmark once, which shows that it works and whose timings mean nothing. Results
 * lie in out/bench/ as JSON; `--continue` takes those of earlier calls from there, whichever benchmarks these ran, and adds what
 * is missing; `--page` only makes the page of them.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { argumentsOf, BENCHMARKS, type Benchmark } from './lib/benchmarks.js';
import { warnIfBusy } from './lib/busy.js';
import { describeMachine } from './lib/machine.js';
import { ROOT } from './lib/paths.js';
import { pauseTraining } from './lib/pause.js';
import { type Measurement, performancePage } from './lib/performance.js';
import { RESULTS, type Result } from './lib/report.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    continue: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

// Quick results are never taken for whole ones.
const FOLDER = path.join(ROOT, 'out', 'bench', values.quick ? 'quick' : '');

/** Ends with a message of wrong usage. */
function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

const names = ['all', ...BENCHMARKS.map(({ name }) => name)];
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined || positionals.length === 0) {
  refuse(`benchmark: expected one of ${names.join(', ')}, found ${unknown ? `'${unknown}'` : 'none'}`);
}
const runs = Number(values.runs);
if (!(Number.isInteger(runs) && runs > 0)) {
  refuse(`--runs: expected a positive whole number, found '${values.runs}'`);
}
const all = positionals.includes('all');
const chosen = BENCHMARKS.filter(({ name, quick }) =>
  all ? !values.quick || quick !== undefined : positionals.includes(name),
);
const finished = all && !values.quick;
const file = path.resolve(
  values.out ?? (finished ? path.join(ROOT, 'docs', 'PERFORMANCE.md') : path.join(FOLDER, 'PERFORMANCE.md')),
);

const resultsOf = ({ name }: Benchmark, run: number) => path.join(FOLDER, `${name}.${run}.json`);
const runsOf = ({ counts }: Benchmark) => (values.quick || counts ? 1 : runs);

/** The benchmark that runs; it ends with this process. */
let running: ChildProcess | undefined;
process.once('exit', () => running?.kill());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** One run in a process of its own; its results, if any, go into the file. */
async function measure(benchmark: Benchmark, run: number): Promise<void> {
  const results = resultsOf(benchmark, run);
  if (values.continue && existsSync(results)) return;
  rmSync(results, { force: true });
  const given = values.quick ? (benchmark.quick ?? []) : argumentsOf(benchmark, run);
  console.log(`\n━━ ${benchmark.name}, run ${run + 1} of ${runsOf(benchmark)} ━━`);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(ROOT, 'bench', `${benchmark.name}.ts`), ...given],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, [RESULTS]: results } },
  );
  running = child;
  const start = performance.now();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  running = undefined;
  console.log(`${benchmark.name}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  if (code === 0 || existsSync(results)) return;
  console.error(`${benchmark.name} failed (${code}).`);
  process.exitCode = 1;
}

function measurementOf(benchmark: Benchmark): Measurement {
  const notes = path.join(ROOT, 'bench', 'notes', `${benchmark.name}.md`);
  const found = Array.from({ length: runsOf(benchmark) }, (_, run) => resultsOf(benchmark, run)).filter(
    existsSync,
  );
  return {
    benchmark,
    runs: found.map((results) => JSON.parse(readFileSync(results, 'utf8')) as Result[]),
    notes: existsSync(notes) ? readFileSync(notes, 'utf8') : '',
  };
}

if (!values.page && chosen.some(({ built }) => built)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) refuse('The build failed.');
}
mkdirSync(FOLDER, { recursive: true });
if (!values.page) {
  pauseTraining();
  await warnIfBusy();
}
const machine = await describeMachine();
console.log(machine);
const words = [...positionals, ...(values.quick ? ['--quick'] : [`--runs ${runs}`])].join(' ');

function writePage(): void {
  const page = performancePage({
    machine,
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench -- ${words}`,
    measurements: chosen.map(measurementOf),
  });
  writeFileSync(file, page);
}

writePage();
for (let run = 0; !values.page && run < Math.max(...chosen.map(runsOf)); run++) {
  for (const benchmark of chosen) {
    if (run < runsOf(benchmark)) await measure(benchmark, run);
    writePage();
  }
}
console.log(`\n${path.relative(process.cwd(), file)}`);
