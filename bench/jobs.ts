/**
 * Jobs on a queue compared with one process.
 *
 *     npm run bench:jobs [-- --pictures 400]
 *     npm run bench:jobs -- --memory [--pictures 300000]
 *
 * - rate: two workers with one thread each and one process with two threads, on the same pictures, in turns.
 * - queue: the cost of a shard apart from its pictures. Shards with a single missing picture have no other work: their time
 *   is that of the queue, and of writing and joining their files.
 * - empty jobs per second through BullMQ with the append-only file.
 * - the memory of Redis for a waiting job.
 * - memory: peaks of listing a folder, of bulk estimation and of joining, without networks, for all pictures and for a tenth
 *   of them.
 *
 * Redis is started here, on a loopback port, with its file in a temporary folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { JobsQueue, type Run, SHARD_PICTURES } from '../src/jobs/index.js';
import { hasRedis, RedisServer } from '../test/support/redis.js';
import { bulkMemory } from './lib/bulk-memory.js';
import { AbsentError, ROOT } from './lib/paths.js';
import { formatTable, type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { median } from './lib/statistics.js';

const PICTURES = 400;
const PICTURES_OF_MEMORY = 300_000;
const ROUNDS = 3;
const SHARDS = 8;
const QUEUE_SHARDS = 300;
const EMPTY_JOBS = 10_000;
const EMPTY_CONCURRENCY = 100;

const LEAST_RATIO = 1;
const MOST_MILLISECONDS = 50;
const LEAST_EMPTY_RATE = 3000;
const WAITING_JOBS = 10_000;
const BYTES_OF_A_PATH = 60;
const MOST_WAITING_BYTES = 1000;

const MAIN = path.join(ROOT, 'dist/cli/main.js');

/** tsx passes itself on to child processes in this variable. */
const plain = ({ NODE_OPTIONS, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => environment;

class Worker {
  text = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr!.on('data', (chunk: Buffer) => {
      this.text += chunk;
    });
  }

  static async start(folder: string, queue: string): Promise<Worker> {
    const args = [MAIN, 'worker', '--queue', queue, '--threads', '1'];
    const worker = new Worker(spawn(process.execPath, args, { cwd: folder, env: plain(process.env) }));
    while (!worker.text.includes('ready\n')) await setTimeout(20);
    return worker;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

await runBenchmark(async () => {
  const { values } = parseArgs({
    options: { memory: { type: 'boolean', default: false }, pictures: { type: 'string' } },
  });
  const pictures = Number(values.pictures ?? (values.memory ? PICTURES_OF_MEMORY : PICTURES));
  if (!(Number.isInteger(pictures) && pictures >= SHARDS)) {
    throw new UsageError(`--pictures: expected a whole number from ${SHARDS}, found '${values.pictures}'`);
  }
  if (values.memory) return bulkMemory(pictures);
  if (!hasRedis()) throw new AbsentError('redis-server is absent; scripts/debian.sh installs it');
  if (!existsSync(MAIN)) throw new AbsentError('dist/ is absent; npm run build makes it');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agewise-bench-'));
  await mkdir(path.join(folder, 'redis'));
  const redis = await RedisServer.start(path.join(folder, 'redis'));
  try {
    const empty = await emptyJobs(redis.url);
    const waiting = await waitingBytes(redis.url);
    await makePictures(folder, pictures);
    const workers = [await Worker.start(folder, redis.url), await Worker.start(folder, redis.url)];
    try {
      const { jobs, alone } = await rates(folder, redis.url, pictures);
      const loads = workers.map(({ text }) => text.match(/networks loaded/g)?.length ?? 0);
      const milliseconds = await queueCost(folder, redis.url);
      console.log(
        formatTable(
          ['', 'pictures/s'],
          [
            ['two workers of one thread each', jobs.toFixed(1)],
            ['one process of two threads', alone.toFixed(1)],
          ],
        ),
      );
      return [
        atLeast('rate of two workers over that of one process', jobs / alone, LEAST_RATIO, (n) =>
          n.toFixed(3),
        ),
        atMost('queue, a shard', milliseconds, MOST_MILLISECONDS, (n) => `${n.toFixed(1)} ms`),
        atMost('loads of networks, a worker', Math.max(...loads), 1, String),
        atLeast('empty jobs', empty, LEAST_EMPTY_RATE, (n) => `${n.toFixed(0)}/s`),
        atMost('memory of a waiting job', waiting, MOST_WAITING_BYTES, (n) => `${n.toFixed(0)} bytes`),
      ];
    } finally {
      for (const worker of workers) await worker.end();
    }
  } finally {
    await redis.end();
    await rm(folder, { recursive: true });
  }
});

type Format = Requirement['format'];

function atLeast(name: string, measured: number, bound: number, format: Format): Requirement {
  return { name, measured, bound, kind: 'at least', format };
}

function atMost(name: string, measured: number, bound: number, format: Format): Requirement {
  return { name, measured, bound, kind: 'at most', format };
}

/** Portraits of a photograph that comes with a development dependency, each a little different. */
async function makePictures(folder: string, count: number): Promise<void> {
  const photo = path.join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
  const portrait = await sharp(photo).extract({ left: 230, top: 200, width: 520, height: 560 }).toBuffer();
  await mkdir(path.join(folder, 'faces'));
  for (let i = 0; i < count; i++) {
    const picture = sharp(portrait)
      .resize(400 + (i % 40))
      .modulate({ brightness: 0.8 + (i % 10) / 25 });
    await picture.jpeg().toFile(path.join(folder, 'faces', `${i}.jpg`));
  }
  const lines = Array.from({ length: count }, (_, i) => `faces/${i}.jpg\n`);
  await writeFile(path.join(folder, 'list.txt'), lines.join(''));
  await writeFile(path.join(folder, 'one.txt'), lines[0]!);
}

/** Seconds of a command. */
async function timed(folder: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: plain(process.env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`agewise ${args.join(' ')} ended with ${code}: ${text}`);
  return (performance.now() - start) / 1000;
}

/** Seconds from a submission until its result is there. */
async function queued(folder: string, url: string, list: string, out: string, size: number): Promise<number> {
  const start = performance.now();
  await timed(folder, [
    'jobs',
    'estimate',
    `@${list}`,
    '--out',
    out,
    '--queue',
    url,
    '--shard-size',
    String(size),
  ]);
  while (!existsSync(path.join(folder, out))) await setTimeout(5);
  return (performance.now() - start) / 1000;
}

/** Pictures per second without start-up: the time for one picture is subtracted. */
async function rates(folder: string, url: string, count: number): Promise<{ jobs: number; alone: number }> {
  const alone = (list: string, out: string) =>
    timed(folder, ['estimate', `@${list}`, '--out', out, '--threads', '2']);
  const times: Record<'jobs' | 'alone', number[]> = { jobs: [], alone: [] };
  // Both workers load their networks in a round that does not count.
  await queued(folder, url, 'list.txt', 'warm.parquet', Math.ceil(count / SHARDS));
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = [`alone-${round}.parquet`, `jobs-${round}.parquet`];
    const start = await alone('one.txt', `one-${a}`);
    times.alone.push((await alone('list.txt', a)) - start);
    const first = await queued(folder, url, 'one.txt', `one-${b}`, 1);
    times.jobs.push((await queued(folder, url, 'list.txt', b, Math.ceil(count / SHARDS))) - first);
  }
  const rate = (seconds: readonly number[]) => (count - 1) / median(seconds);
  return { jobs: rate(times.jobs), alone: rate(times.alone) };
}

/** Milliseconds per shard with a single missing picture, on two workers. */
async function queueCost(folder: string, url: string): Promise<number> {
  const lines = Array.from({ length: QUEUE_SHARDS }, (_, i) => `missing/${i}.jpg\n`);
  await writeFile(path.join(folder, 'missing.txt'), lines.join(''));
  const first = await queued(folder, url, 'one.txt', 'one.parquet', 1);
  const all = await queued(folder, url, 'missing.txt', 'missing.parquet', 1);
  return (1000 * 2 * (all - first)) / QUEUE_SHARDS;
}

/** Empty jobs per second. */
async function emptyJobs(url: string): Promise<number> {
  const { Queue, Worker: BullWorker } = await import('bullmq');
  const { redis } = await JobsQueue.open(url);
  const queue = new Queue('empty', { connection: redis });
  for (let i = 0; i < EMPTY_JOBS; i += 1000) {
    await queue.addBulk(
      Array.from({ length: 1000 }, (_, k) => ({
        name: 'empty',
        data: { run: 'bench', number: i + k },
        opts: { removeOnComplete: true },
      })),
    );
  }
  let done = 0;
  const start = performance.now();
  const second = redis.duplicate();
  const worker = new BullWorker('empty', async () => {}, {
    connection: second,
    concurrency: EMPTY_CONCURRENCY,
  });
  await new Promise<void>((resolve) => {
    worker.on('completed', () => {
      if (++done === EMPTY_JOBS) resolve();
    });
  });
  const seconds = (performance.now() - start) / 1000;
  await worker.close();
  await queue.close();
  second.disconnect();
  redis.disconnect();
  return EMPTY_JOBS / seconds;
}

/** The bytes by which the memory of Redis grows for each waiting shard of a list. */
async function waitingBytes(url: string): Promise<number> {
  const queue = await JobsQueue.open(url);
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await queue.redis.info('memory'))![1]);
  const run: Run = {
    id: 'waitingjob',
    out: '/none',
    workFolder: '/none.jobs',
    submitted: new Date(0).toISOString(),
    attempts: 5,
    task: { kind: 'train', of: 'members', runs: [{ name: 'none', recipe: {} }], stores: [], device: 'cpu' },
  };
  const jobs = Array.from({ length: WAITING_JOBS }, (_, number) => {
    const first = number * SHARD_PICTURES;
    return { run: run.id, number, stretch: { first, count: SHARD_PICTURES, byte: first * BYTES_OF_A_PATH } };
  });
  const before = await used();
  await queue.submit(run, jobs);
  const bytes = ((await used()) - before) / WAITING_JOBS;
  await queue.cancel(run.id);
  await queue.close();
  return bytes;
}
