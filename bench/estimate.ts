/**
 * The whole pipeline, from file to estimate, compared with its peers.
 *
 *     npm run bench:estimate [-- --rounds 5 --starts 3 --portraits 20 --judged]
 *     npm run bench:estimate -- --only-starts [--starts 15]
 *
 * Every contender is its own process with its fastest settings; they take turns on the same files, in one run.
 * A request is a list of files: contenders may process several at once; the others decode one ahead.
 * - images/s: the median over the rounds, without the first rounds.
 * - portraits: UTKFace chips (seeded choice) with 40% of continued edge on each side: 360×360, the face about
 *   190 px by YuNet. Only those on which every contender finds a face are used.
 * - group photographs: all of ../shared/photos/group, or the samples of @vladmandic/face-api if it is absent.
 * - matched: YuNet's faces of 24 px or more that were found, one to one. Every library draws its boxes in a
 *   style of its own, so an IoU of 0.2 is enough here.
 * - start: from the start of the process to the first estimate of a portrait, the median of several starts; warm with models in
 *   the cache, cold without, beside a floor (lib/starts.ts).
 * - over floor: the time over that of the networks' executions alone. Making the smaller copies of a picture is not part of them.
 * - memory: the peak resident set of the process over the whole run.
 * `--judged` leaves out the contenders that no requirement is about.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Box } from '../src/vision/index.js';
import { compareBoxes, sumAgreements } from './lib/matching.js';
import { findShared, listImages, ROOT } from './lib/paths.js';
import { readPixels } from './lib/pixels.js';
import { makePortraits, PORTRAITS_SEED } from './lib/portraits.js';
import { bar, formatTable, positiveNumber, type Requirement, runBenchmark } from './lib/report.js';
import { measureStarts } from './lib/starts.js';
import { median } from './lib/statistics.js';
import { buildWorkers, Worker, type WorkerCommand } from './lib/workers.js';
import type { PeerFace } from './peers/worker.js';
import { YuNet } from './reference/yunet.js';

/** `ours` also measures its floor; the requirements are about the judged one. */
interface Contender extends WorkerCommand {
  readonly name: string;
  readonly ours?: boolean;
}

const OURS: readonly Contender[] = [
  { name: 'agewise, 1 thread', script: 'agewise', arguments: ['1'], ours: true },
  { name: 'agewise, 2 threads', script: 'agewise', arguments: ['2'], ours: true },
];
const JUDGED = 'agewise, 2 threads';

const HUMAN = 'human';
const FACE_API_SSD = 'face-api, SSD';
const PEERS: readonly Contender[] = [
  { name: HUMAN, script: 'human' },
  { name: FACE_API_SSD, script: 'face-api', arguments: ['ssd'] },
  { name: 'face-api, tiny', script: 'face-api', arguments: ['tiny'] },
];
/** The contenders to beat. */
const RIVALS = [HUMAN, FACE_API_SSD] as const;

const PORTRAITS = '20';
/** Candidates for each portrait: not every contender finds a face in all. */
const CANDIDATES = 3;

const WARMUP_ROUNDS = 1;
const ROUNDS = '5';
const STARTS = '3';
/** Thread pools go on spinning for a while after their work: the next contender waits until they sleep. */
const PAUSE_MILLISECONDS = 100;

const MIN_IOU = 0.2;
const MIN_FACE_SIZE = 24;

/** Over the throughput of each rival. */
const MIN_RATIOS = {
  portraits: { [HUMAN]: 8, [FACE_API_SSD]: 5 },
  groups: { [HUMAN]: 5, [FACE_API_SSD]: 2 },
} as const;
const MAX_FLOOR_RATIO = 1.25;

interface Photographs {
  readonly title: string;
  readonly files: readonly string[];
}

interface Measured {
  readonly contender: Contender;
  readonly description: string;
  /** Images a second, by the title of the photographs. */
  readonly throughput: ReadonlyMap<string, number>;
  /** Faces in the group photographs. */
  readonly faces: PeerFace[][];
  readonly startMilliseconds: number;
  readonly peakBytes: number;
  /** Wall time of the group photographs over that of their bare network executions. */
  readonly floorRatio: number | undefined;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: ROUNDS },
    starts: { type: 'string', default: STARTS },
    portraits: { type: 'string', default: PORTRAITS },
    judged: { type: 'boolean', default: false },
    'only-starts': { type: 'boolean', default: false },
  },
});

await runBenchmark(async () => {
  const [rounds, startCount, portraitCount] = [
    positiveNumber('--rounds', values.rounds),
    positiveNumber('--starts', values.starts),
    positiveNumber('--portraits', values.portraits),
  ];
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agewise-bench-'));
  const workers = new Map<string, Worker>();
  try {
    buildWorkers();
    const candidates = await makePortraits(folder, CANDIDATES * portraitCount);
    if (values['only-starts'])
      return await measureStarts(candidates[0] ?? (await chooseGroups()).files[0]!, startCount);
    const contenders = chooseContenders().filter(
      ({ name }) => !values.judged || [JUDGED, ...RIVALS].some((one) => one === name),
    );
    const groups = await chooseGroups();
    const first = candidates[0] ?? groups.files[0]!;

    const ours = contenders.some((one) => one.ours) ? await measureStarts(first, startCount) : [];
    const starts = await timeStarts(contenders, first, workers, startCount);
    const portraits = await choosePortraits(candidates, portraitCount, workers);
    const sets = portraits === undefined ? [groups] : [portraits, groups];
    const measured = await measure(contenders, workers, sets, groups, starts, rounds);

    const matched = await matchFaces(groups, measured);
    for (const { description } of measured) console.log(`- ${description}`);
    for (const set of sets) printThroughput(set, measured);
    printRest(groups, measured, matched);
    return [...listRequirements(measured, sets, matched), ...ours];
  } finally {
    for (const worker of workers.values()) worker.kill();
    await rm(folder, { recursive: true });
  }
});

function chooseContenders(): readonly Contender[] {
  if (existsSync(path.join(ROOT, 'dist', 'estimate', 'index.js'))) return [...OURS, ...PEERS];
  console.log('dist/estimate/index.js is absent (run npm run build): only the peers are measured.\n');
  return PEERS;
}

async function chooseGroups(): Promise<Photographs> {
  const shared = findShared('photos', 'group');
  if (shared !== undefined) return { title: 'group photographs', files: await listImages(shared) };
  console.log('../shared is absent: the photographs are the samples of @vladmandic/face-api.\n');
  const samples = await listImages(path.join(ROOT, 'node_modules', '@vladmandic', 'face-api', 'demo'));
  const files = samples.filter((file) => /^sample\d+\.jpg$/.test(path.basename(file)));
  return { title: 'sample photographs', files };
}

/** Median time to the first estimate; the processes of the last round are used further. */
async function timeStarts(
  contenders: readonly Contender[],
  file: string,
  workers: Map<string, Worker>,
  count: number,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < count; round++) {
    for (const contender of contenders) {
      workers.get(contender.name)?.kill();
      await setTimeout(PAUSE_MILLISECONDS);
      const { worker, milliseconds } = await Worker.start(contender, [file]);
      workers.set(contender.name, worker);
      times.get(contender.name)!.push(milliseconds);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

async function choosePortraits(
  candidates: readonly string[],
  count: number,
  workers: ReadonlyMap<string, Worker>,
): Promise<Photographs | undefined> {
  if (candidates.length === 0) return undefined;
  let common = candidates;
  const found: string[] = [];
  for (const [name, worker] of workers) {
    const { faces } = await worker.estimate(candidates);
    const hits = new Set(candidates.filter((_, index) => faces[index]!.length > 0));
    found.push(`${name} ${hits.size}`);
    common = common.filter((file) => hits.has(file));
  }
  const files = common.slice(0, count);
  console.log(
    `Portraits with a face, of ${candidates.length} (seed ${PORTRAITS_SEED}): ${found.join('; ')}; ` +
      `${files.length} of the ${common.length} on which all find one are used.\n`,
  );
  return files.length > 0 ? { title: 'portraits, face about 200 px', files } : undefined;
}

async function measure(
  contenders: readonly Contender[],
  workers: ReadonlyMap<string, Worker>,
  sets: readonly Photographs[],
  groups: Photographs,
  starts: ReadonlyMap<string, number>,
  rounds: number,
): Promise<Measured[]> {
  const times = new Map(
    contenders.map(({ name }) => [name, new Map(sets.map((set) => [set, [] as number[]]))]),
  );
  const faces = new Map<string, PeerFace[][]>();
  for (const set of sets) {
    for (let round = 0; round < WARMUP_ROUNDS + rounds; round++) {
      for (const { name } of contenders) {
        const worker = workers.get(name)!;
        await setTimeout(PAUSE_MILLISECONDS);
        const reply = await worker.estimate(set.files);
        if (set === groups) faces.set(name, reply.faces);
        if (round >= WARMUP_ROUNDS) times.get(name)!.get(set)!.push(reply.milliseconds);
      }
    }
  }
  const measured: Measured[] = [];
  for (const contender of contenders) {
    const { name } = contender;
    const worker = workers.get(name)!;
    // Before measuring the floor, which keeps the inputs of all executions in memory.
    const { description, peakBytes } = await worker.describe();
    measured.push({
      contender,
      description,
      throughput: new Map(
        [...times.get(name)!].map(([set, values]) => [set.title, (1000 * set.files.length) / median(values)]),
      ),
      faces: faces.get(name)!,
      startMilliseconds: starts.get(name)!,
      peakBytes,
      floorRatio: contender.ours ? await measureFloor(worker, groups.files, rounds) : undefined,
    });
  }
  return measured;
}

/** Wall time of an estimate over that of its bare network executions, the median of several pairs. */
async function measureFloor(worker: Worker, files: readonly string[], rounds: number): Promise<number> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const whole = await worker.estimate(files);
    const floor = await worker.floor(files);
    ratios.push(whole.milliseconds / floor.milliseconds);
  }
  return median(ratios);
}

/** How many of YuNet's faces each contender found, with how many there are; undefined if YuNet is absent. */
async function matchFaces(
  groups: Photographs,
  measured: readonly Measured[],
): Promise<{ expected: number; found: ReadonlyMap<string, number> } | undefined> {
  if (findShared('reference', 'yunet') === undefined) return undefined;
  const yunet = await YuNet.load({ threads: 1 });
  const references: Box[][] = [];
  for (const file of groups.files) {
    references.push((await yunet.detect(await readPixels(file))).map(({ box }) => box));
  }
  await yunet.dispose();
  const agreements = measured.map(({ contender, faces }) => {
    const each = references.map((reference, index) =>
      compareBoxes(
        faces[index]!.map(({ box }) => box),
        reference,
        { minIou: MIN_IOU, minSize: MIN_FACE_SIZE },
      ),
    );
    return { name: contender.name, ...sumAgreements(each) };
  });
  return {
    expected: agreements[0]!.expected,
    found: new Map(agreements.map(({ name, found }) => [name, found])),
  };
}

function printThroughput({ title, files }: Photographs, measured: readonly Measured[]): void {
  const judged = findJudged(measured)?.throughput.get(title);
  const fastest = Math.max(...measured.map(({ throughput }) => throughput.get(title)!));
  const rows = measured.map(({ contender, throughput }) => {
    const rate = throughput.get(title)!;
    const ratio = judged === undefined ? '' : `${(judged / rate).toFixed(2)}×`;
    return [contender.name, rate.toFixed(2), (1000 / rate).toFixed(0), ratio, bar(rate / fastest)];
  });
  const header = [`${files.length} ${title}`, 'images/s', 'ms an image', judged ? `${JUDGED} is` : '', ''];
  console.log(`\n${formatTable(header, rows)}`);
}

function printRest(
  { title }: Photographs,
  measured: readonly Measured[],
  matched: Awaited<ReturnType<typeof matchFaces>>,
): void {
  const rows = measured.map(({ contender, faces, startMilliseconds, peakBytes, floorRatio }) => [
    contender.name,
    String(countFaces(faces)),
    matched === undefined ? '' : `${matched.found.get(contender.name)} of ${matched.expected}`,
    startMilliseconds.toFixed(0),
    formatMegabytes(peakBytes),
    floorRatio === undefined ? '' : formatRatio(floorRatio),
  ]);
  const header = [`${title}; the process`, 'faces', "YuNet's matched", 'start, ms', 'memory', 'over floor'];
  console.log(`\n${formatTable(header, rows)}`);
}

/** The requirements on the judged contender; none if it is absent. */
function listRequirements(
  measured: readonly Measured[],
  sets: readonly Photographs[],
  matched: Awaited<ReturnType<typeof matchFaces>>,
): Requirement[] {
  const judged = findJudged(measured);
  if (judged === undefined) return [];
  const rivals = RIVALS.flatMap((name) => {
    const found = measured.find(({ contender }) => contender.name === name);
    return found ? [{ ...found, name }] : [];
  });
  const requirements: Requirement[] = [];
  for (const { title } of sets) {
    for (const rival of rivals) {
      requirements.push({
        name: `${title}: throughput over ${rival.name}`,
        measured: judged.throughput.get(title)! / rival.throughput.get(title)!,
        bound: MIN_RATIOS[title.startsWith('portraits') ? 'portraits' : 'groups'][rival.name],
        kind: 'at least',
        format: formatRatio,
      });
    }
  }
  const faces = ({ contender, faces }: Measured) => matched?.found.get(contender.name) ?? countFaces(faces);
  requirements.push(
    {
      name: matched === undefined ? 'faces found' : "YuNet's faces found",
      measured: faces(judged),
      bound: Math.max(...rivals.map(faces)),
      kind: 'at least',
      format: String,
    },
    {
      name: 'start',
      measured: judged.startMilliseconds,
      bound: Math.min(...rivals.map(({ startMilliseconds }) => startMilliseconds)),
      kind: 'at most',
      format: (value) => `${value.toFixed(0)} ms`,
    },
    {
      name: 'peak memory',
      measured: judged.peakBytes,
      bound: Math.min(...rivals.map(({ peakBytes }) => peakBytes)),
      kind: 'at most',
      format: formatMegabytes,
    },
    {
      name: 'time of the group photographs over the bare networks',
      measured: judged.floorRatio!,
      bound: MAX_FLOOR_RATIO,
      kind: 'at most',
      format: formatRatio,
    },
  );
  return requirements;
}

function findJudged(measured: readonly Measured[]): Measured | undefined {
  return measured.find(({ contender }) => contender.name === JUDGED);
}

function countFaces(faces: readonly PeerFace[][]): number {
  return faces.reduce((sum, { length }) => sum + length, 0);
}

function formatRatio(value: number): string {
  return `${value.toFixed(2)}×`;
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
