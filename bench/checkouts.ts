/**
 * Compares two checkouts of this repository in one run, in turns: training steps of some networks, detection,
 * estimates and the time to the first one. Both must be built (`npm run build`) and have `node_modules`, which may be a link
 * to the same folder if their dependencies are the same.
 *
 *     npx tsx bench/checkouts.ts BEFORE [--rounds N] [--only train,detect,estimate,start] [--network NAME]...
 *
 * AFTER is the checkout with this file. Both estimate with the age model of BEFORE, so that code is compared, not models. A
 * figure is the median ratio of consecutive turns, before over after: above 1 if AFTER is faster.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { benchNetwork } from './lib/networks.js';
import { listImages, ROOT, requireShared } from './lib/paths.js';
import { makePortraits } from './lib/portraits.js';
import { formatTable, type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { median } from './lib/statistics.js';
import { TIMED_PHOTOS, TIMED_SIZES } from './lib/timed-detection.js';
import { TrainerProcess } from './lib/trainer-process.js';
import { buildWorkers, Worker } from './lib/workers.js';

const THREADS = 2;
const WARMUP = 2;
/** How much faster BEFORE may be at most. */
const MIN_RATIO = 0.97;
const PORTRAITS = 20;
/** Thread pools go on spinning for a while after their work: the next contender waits until they sleep. */
const PAUSE_MILLISECONDS = 100;
const KINDS = ['train', 'detect', 'estimate', 'start'] as const;
type Kind = (typeof KINDS)[number];

/** Milliseconds of turns; those with the same index were consecutive. */
interface Times {
  readonly name: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

await runBenchmark(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '12' },
      only: { type: 'string', default: KINDS.join(',') },
      network: {
        type: 'string',
        multiple: true,
        default: ['ResNet-18', 'MobileNet-v1', 'WRN-16-8', 'ResNet-50'],
      },
    },
  });
  const [before] = positionals;
  const rounds = Number(values.rounds);
  const only = values.only.split(',');
  const unknown = only.find((kind) => !KINDS.includes(kind as Kind));
  if (
    before === undefined ||
    positionals.length > 1 ||
    !(Number.isInteger(rounds) && rounds > 0) ||
    unknown
  ) {
    throw new UsageError(
      `usage: checkouts.ts BEFORE [--rounds N] [--only ${KINDS.join(',')}] [--network NAME]...`,
    );
  }
  const folders = [path.resolve(before), ROOT] as const;
  for (const folder of folders) {
    if (!existsSync(path.join(folder, 'dist', 'estimate', 'index.js'))) {
      throw new UsageError(`${folder}: expected a built checkout (npm run build)`);
    }
  }
  const measured: Times[] = [];
  if (only.includes('train')) measured.push(...(await timeTraining(folders, rounds, values.network)));
  if (only.includes('detect')) measured.push(...(await timeDetection(folders, rounds)));
  if (only.includes('estimate') || only.includes('start')) {
    measured.push(...(await timeEstimates(folders, rounds, only as Kind[])));
  }
  return report(measured);
});

/** A B, B A, ..., so that neither always follows the other. */
async function takeTurns(
  name: string,
  rounds: number,
  turn: (side: 0 | 1) => Promise<number>,
  warmup = WARMUP,
): Promise<Times> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < warmup + rounds; round++) {
    for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const milliseconds = await turn(side);
      if (round >= warmup) times[side].push(milliseconds);
    }
  }
  return { name, before: times[0], after: times[1] };
}

/** Steps of two processes in turn; one is stopped while the other works. */
async function timeSteps(
  name: string,
  rounds: number,
  folders: readonly string[],
  parameters: (folder: string) => string[],
): Promise<Times> {
  const processes: TrainerProcess[] = [];
  try {
    for (const folder of folders) {
      processes.push(
        await TrainerProcess.start({
          name: folder,
          command: process.execPath,
          arguments: ['--import', 'tsx', ...parameters(folder)],
          environment: { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' },
        }),
      );
    }
    return await takeTurns(name, rounds, async (side) => {
      await processes[side]!.step();
      return processes[side]!.steps.at(-1)!.milliseconds;
    });
  } finally {
    for (const one of processes) one.kill();
  }
}

async function timeTraining(
  folders: readonly string[],
  rounds: number,
  networks: readonly string[],
): Promise<Times[]> {
  const all: Times[] = [];
  for (const { name } of networks.map(benchNetwork)) {
    all.push(
      await timeSteps(`step of ${name}`, rounds, folders, (folder) => [
        path.join(folder, 'bench', 'trainers', 'agewise.ts'),
        name,
        String(THREADS),
        'auto',
      ]),
    );
  }
  return all;
}

async function timeDetection(folders: readonly string[], rounds: number): Promise<Times[]> {
  const files = TIMED_PHOTOS.map((name) => requireShared('photos', 'group', name));
  const all: Times[] = [];
  for (const [width, height] of TIMED_SIZES) {
    all.push(
      await timeSteps(`detection at ${width}×${height}`, rounds, folders, (folder) => [
        path.join(ROOT, 'bench', 'trainers', 'detector.ts'),
        folder,
        ...[THREADS, width, height].map(String),
        ...files,
      ]),
    );
  }
  return all;
}

async function timeEstimates(
  folders: readonly string[],
  rounds: number,
  only: readonly Kind[],
): Promise<Times[]> {
  requireShared('data', 'utkface');
  buildWorkers();
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'agewise-bench-'));
  const model = path.join(folders[0]!, 'models', ageModelOf(folders[0]!));
  const workers: Worker[] = [];
  const start = async (side: 0 | 1, file: string) => {
    workers[side]?.kill();
    await setTimeout(PAUSE_MILLISECONDS);
    const command = { script: 'agewise', arguments: [String(THREADS), model], folder: folders[side]! };
    const { worker, milliseconds } = await Worker.start(command, [file]);
    workers[side] = worker;
    return milliseconds;
  };
  try {
    const sets = {
      portraits: await makePortraits(temporary, PORTRAITS),
      groups: await listImages(requireShared('photos', 'group')),
    };
    const first = sets.portraits[0]!;
    const starts = await takeTurns(
      'start to first estimate',
      only.includes('start') ? rounds : 1,
      (side) => start(side, first),
      1,
    );
    const all = only.includes('start') ? [starts] : [];
    if (!only.includes('estimate')) return all;
    for (const [name, files] of Object.entries(sets)) {
      all.push(
        await takeTurns(`estimate of ${name}`, rounds, async (side) => {
          await setTimeout(PAUSE_MILLISECONDS);
          return (await workers[side]!.estimate(files)).milliseconds;
        }),
      );
    }
    return all;
  } finally {
    for (const worker of workers) worker.kill();
    await rm(temporary, { recursive: true });
  }
}

/** The file of the age model that a checkout ships. */
function ageModelOf(folder: string): string {
  const names = readdirSync(path.join(folder, 'models')).filter((name) => name.endsWith('.onnx'));
  return ['agewise-base.onnx', 'hse-faceres.onnx'].find((name) => names.includes(name))!;
}

function report(measured: readonly Times[]): Requirement[] {
  const rows: string[][] = [];
  const requirements: Requirement[] = [];
  for (const { name, before, after } of measured) {
    const ratios = before.map((time, turn) => time / after[turn]!).sort((a, b) => a - b);
    const quartile = (share: number) => ratios[Math.round(share * (ratios.length - 1))]!.toFixed(3);
    rows.push([
      name,
      median(before).toFixed(1),
      median(after).toFixed(1),
      median(ratios).toFixed(3),
      `${quartile(0.25)} to ${quartile(0.75)}`,
    ]);
    requirements.push({
      name,
      measured: median(ratios),
      bound: MIN_RATIO,
      kind: 'at least',
      format: (value) => `${value.toFixed(3)}×`,
    });
  }
  console.log(formatTable(['', 'before, ms', 'after, ms', 'ratio', 'quartiles'], rows));
  return requirements;
}
