/**
 * The server under load, compared with its upper bound and with a peer behind a server.
 *
 *     npm run bench:serve
 *     npm run bench:serve -- --memory [--requests 20000]
 *
 * Faces of 200 × 200 pixels (UTKFace chips, seeded choice; parts of face-api's samples where ../shared is absent), 16 clients,
 * one child process for each core. Everything runs on this machine: the server with the load generator (autocannon) and the
 * others, one after another in each round; medians over the rounds are reported.
 * - the library's stream: one process with as many threads as there are cores, over the same bytes, without HTTP.
 * - processes of one thread: one for each core, each with its part of the bytes, without HTTP.
 * - face-api: SSD and age network on TensorFlow.js WASM, behind Node's HTTP server.
 * - delay of the event loop: the p99 in `/metrics`, which includes its sampling interval of 10 ms.
 * - memory (Linux): all processes of the server, pages that they share counted once; its slope over the requests, by least
 *   squares, with a 95% interval that allows for the likeness of neighbouring values.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { warnIfBusy } from './lib/busy.js';
import { type Load, percentile, sendPictures } from './lib/http-load.js';
import { findShared, listImages, ROOT } from './lib/paths.js';
import { sample } from './lib/random.js';
import { formatTable, type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { ServerProcess } from './lib/servers.js';
import { slopeWithInterval } from './lib/slope.js';
import { median } from './lib/statistics.js';
import { buildWorkers, Worker } from './lib/workers.js';

const CLIENTS = 16;
const CORES = os.availableParallelism();
const PICTURES = 64;
const SEED = 19;
const SIDE = 200;

const ROUNDS = 5;
/** The number of pictures per contender and round; fewer for the slow peer. */
const PER_ROUND = 768;
const PER_ROUND_PEER = 64;
const PAUSE_MILLISECONDS = 500;

const REQUESTS = 20_000;
const WARMUP_REQUESTS = 2_000;
/** The number of requests between measurements of memory. */
const PER_LOOK = 100;

const MIN_SHARE = 0.95;
const MAX_P99_OVER_P50 = 3;
const MAX_DELAY_MILLISECONDS = 20;
const MIN_OVER_PEER = 10;
const MAX_SLOPE_MEGABYTES = 1;

const DELAY = 'nodejs_eventloop_lag_p99_seconds';

await runBenchmark(async () => {
  const { values } = parseArgs({
    options: {
      memory: { type: 'boolean', default: false },
      requests: { type: 'string', default: String(REQUESTS) },
    },
  });
  const requests = Number(values.requests);
  if (!(Number.isInteger(requests) && requests >= 10 * PER_LOOK)) {
    throw new UsageError(
      `--requests: expected a whole number from ${10 * PER_LOOK}, found '${values.requests}'`,
    );
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agewise-bench-'));
  try {
    const files = await chooseFaces(folder);
    await warnIfBusy();
    return values.memory ? await measureMemory(files, requests) : await measureThroughput(files);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function chooseFaces(folder: string): Promise<readonly string[]> {
  const utkface = findShared('data', 'utkface');
  if (utkface !== undefined) {
    const files = sample(await listImages(utkface), PICTURES, SEED);
    console.log(`${files.length} chips of UTKFace.`);
    return files;
  }
  const samples = await listImages(path.join(ROOT, 'node_modules/@vladmandic/face-api/demo'));
  console.log(
    `../shared is absent: ${samples.length} samples of @vladmandic/face-api, made ${SIDE} pixels wide.`,
  );
  return Promise.all(
    samples.map(async (file, i) => {
      const copy = path.join(folder, `${i}.jpg`);
      await writeFile(copy, await sharp(file).resize(SIDE, SIDE, { fit: 'cover' }).jpeg().toBuffer());
      return copy;
    }),
  );
}

async function measureThroughput(files: readonly string[]): Promise<Requirement[]> {
  buildWorkers();
  const pictures = await Promise.all(files.map((file) => readFile(file)));
  const cycle = (count: number) => Array.from({ length: count }, (_, i) => files[i % files.length]!);
  const server = await ServerProcess.agewise(CORES);
  const peer = await ServerProcess.peer('face-api', 'ssd', 'http');
  const start = async (threads: number) =>
    (await Worker.start({ script: 'agewise-stream', arguments: [String(threads)] }, files)).worker;
  const stream = await start(CORES);
  const processes = await Promise.all(Array.from({ length: CORES }, () => start(1)));
  try {
    const estimates = `${server.address}/v1/estimate`;
    // Warm-up: every process gets every picture.
    await sendPictures(estimates, pictures, { count: PER_ROUND / 2, clients: CLIENTS });
    await sendPictures(peer.address, pictures, { count: 16, clients: 2 });

    const loads: Load[] = [];
    const peerLoads: Load[] = [];
    const delays: number[] = [];
    const rates = { stream: [] as number[], processes: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      await setTimeout(PAUSE_MILLISECONDS);
      await server.metrics();
      loads.push(await sendPictures(estimates, pictures, { count: PER_ROUND, clients: CLIENTS }));
      delays.push(1000 * (await server.metrics()).get(DELAY)!);
      await setTimeout(PAUSE_MILLISECONDS);
      const { milliseconds } = await stream.estimate(cycle(PER_ROUND));
      rates.stream.push((1000 * PER_ROUND) / milliseconds);
      await setTimeout(PAUSE_MILLISECONDS);
      const begin = performance.now();
      await Promise.all(processes.map((one) => one.estimate(cycle(PER_ROUND / CORES))));
      rates.processes.push((1000 * PER_ROUND) / (performance.now() - begin));
      await setTimeout(PAUSE_MILLISECONDS);
      peerLoads.push(await sendPictures(peer.address, pictures, { count: PER_ROUND_PEER, clients: CLIENTS }));
    }
    return report(loads, peerLoads, delays, rates);
  } finally {
    stream.kill();
    for (const one of processes) one.kill();
    await Promise.all([server.stop(), peer.stop()]);
  }
}

function report(
  loads: readonly Load[],
  peerLoads: readonly Load[],
  delays: readonly number[],
  rates: { readonly stream: readonly number[]; readonly processes: readonly number[] },
): Requirement[] {
  const rate = median(loads.map(({ requestsPerSecond }) => requestsPerSecond));
  const peerRate = median(peerLoads.map(({ requestsPerSecond }) => requestsPerSecond));
  const [stream, processes] = [median(rates.stream), median(rates.processes)];
  const of = (all: readonly Load[], share: number) =>
    median(all.map(({ latencies }) => percentile(latencies, share)));
  const row = (name: string, perSecond: number, all?: readonly Load[]) => [
    name,
    perSecond.toFixed(1),
    (perSecond / CORES).toFixed(1),
    ...[0.5, 0.95, 0.99].map((share) => (all === undefined ? '' : of(all, share).toFixed(0))),
  ];
  const header = [`${CLIENTS} clients, ${CORES} cores`, 'images/s', 'a core', 'p50, ms', 'p95', 'p99'];
  console.log(
    formatTable(header, [
      row('agewise serve', rate, loads),
      row(`the library's stream, ${CORES} threads`, stream),
      row(`${CORES} processes of one thread`, processes),
      row('face-api behind HTTP', peerRate, peerLoads),
    ]),
  );
  return [
    {
      name: "throughput, as a share of the library's best",
      measured: rate / Math.max(stream, processes),
      bound: MIN_SHARE,
      kind: 'at least',
      format: (value) => value.toFixed(3),
    },
    {
      name: 'p99 over p50',
      measured: median(
        loads.map(({ latencies }) => percentile(latencies, 0.99) / percentile(latencies, 0.5)),
      ),
      bound: MAX_P99_OVER_P50,
      kind: 'at most',
      format: (value) => `${value.toFixed(2)}×`,
    },
    {
      name: "delay of the server's event loop, p99, the worst round",
      measured: Math.max(...delays),
      bound: MAX_DELAY_MILLISECONDS,
      kind: 'at most',
      format: (value) => `${value.toFixed(1)} ms`,
    },
    {
      name: 'throughput over face-api behind HTTP',
      measured: rate / peerRate,
      bound: MIN_OVER_PEER,
      kind: 'at least',
      format: (value) => `${value.toFixed(1)}×`,
    },
    {
      name: 'requests that failed',
      measured: loads.reduce((sum, { failed }) => sum + failed, 0),
      bound: 0,
      kind: 'at most',
      format: String,
    },
  ];
}

async function measureMemory(files: readonly string[], requests: number): Promise<Requirement[]> {
  const pictures = await Promise.all(files.map((file) => readFile(file)));
  const server = await ServerProcess.agewise(CORES);
  try {
    const estimates = `${server.address}/v1/estimate`;
    const [idle, ...idleChildren] = (await server.memory()).map(megabytes);
    console.log(
      `Before the first request: the server ${idle!.toFixed(0)} MB, its children ${idleChildren.map((one) => one.toFixed(0)).join(' and ')} MB.`,
    );
    await sendPictures(estimates, pictures, { count: WARMUP_REQUESTS, clients: CLIENTS });
    const done: number[] = [];
    const held: number[] = [];
    for (let count = 0; count < requests; count += PER_LOOK) {
      await sendPictures(estimates, pictures, { count: PER_LOOK, clients: CLIENTS });
      done.push((count + PER_LOOK) / 1000);
      held.push(megabytes((await server.memory()).reduce((a, b) => a + b, 0)));
    }
    const [last, ...lastChildren] = (await server.memory()).map(megabytes);
    const { slope, low, high } = slopeWithInterval(done, held);
    const restarts = [...(await server.metrics())].filter(([name]) =>
      name.startsWith('agewise_workers_lost_total'),
    );
    console.log(
      `After ${WARMUP_REQUESTS + requests}: the server ${last!.toFixed(0)} MB, its children ${lastChildren.map((one) => one.toFixed(0)).join(' and ')} MB; ` +
        `together ${Math.min(...held).toFixed(0)} to ${Math.max(...held).toFixed(0)} MB. ` +
        `Slope ${slope.toFixed(2)} MB a thousand requests, 95% interval ${low.toFixed(2)} to ${high.toFixed(2)}.`,
    );
    return [
      {
        name: 'growth in MB a thousand requests, upper end of the interval',
        measured: high,
        bound: MAX_SLOPE_MEGABYTES,
        kind: 'at most',
        format: (value) => value.toFixed(2),
      },
      {
        name: 'replaced child processes',
        measured: restarts.reduce((sum, [, count]) => sum + count, 0),
        bound: 0,
        kind: 'at most',
        format: String,
      },
    ];
  } finally {
    await server.stop();
  }
}

function megabytes(bytes: number): number {
  return bytes / 1e6;
}
