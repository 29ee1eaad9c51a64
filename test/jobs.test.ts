/**
 * Jobs as they are called, on a real queue: what is joined is what one quiet process makes, row by row, whatever befalls
 * workers, the queue and disks meanwhile.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { EstimatesReader } from '../src/bulk/node.js';
import { exists } from '../src/files/index.js';
import { JobsQueue, type Run } from '../src/jobs/index.js';
import { agewise, MAIN } from './support/command.js';
import { CuttableWay, freePort, hasRedis, RedisServer } from './support/redis.js';
import { GREY_RECIPE, writeGreyStore } from './support/small-run.js';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const TIMEOUT = 240_000;
/** Pictures, and of a shard: several are under way or wait whenever something befalls one. */
const COUNT = 60;
const SIZE = 12;
const LOCK_SECONDS = 2;
/** Of a dying worker's hold, in ms. */
const SHORT_HOLD = 200;
/** Enough to be killed between the first and the last. */
const EPOCHS = 30;

const runs = hasRedis();
let cwd: string;
let redis: RedisServer;
let queue: JobsQueue;
/** Works from the beginning to the end. */
let steady: TestWorker;
const workers: TestWorker[] = [];

class TestWorker {
  text = '';
  readonly exit: Promise<number | null>;

  private constructor(readonly process: ChildProcess) {
    const take = (chunk: Buffer) => {
      this.text += chunk;
    };
    process.stdout!.on('data', take);
    process.stderr!.on('data', take);
    this.exit = new Promise((resolve) => process.once('close', resolve));
    workers.push(this);
  }

  /** @param mounted a folder that is a full disk for this worker alone */
  static async start(url = redis.url, mounted?: string): Promise<TestWorker> {
    const command = [
      MAIN,
      'worker',
      '--queue',
      url,
      '--threads',
      '1',
      '--lock-seconds',
      String(LOCK_SECONDS),
    ];
    const full = `mount -t tmpfs -o size=16k tmpfs '${mounted}' && (cat /dev/zero > '${mounted}/ballast' 2>/dev/null; true) && exec "$0" "$@"`;
    const worker = new TestWorker(
      mounted === undefined
        ? spawn(process.execPath, command, { cwd })
        : spawn('unshare', ['--mount', 'sh', '-c', full, process.execPath, ...command], { cwd }),
    );
    await worker.says(/ready\n/);
    return worker;
  }

  get pid(): number {
    return this.process.pid!;
  }

  async says(what: RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.text).toMatch(what), { timeout: 60_000, interval: 20 });
  }

  /** Waits until it is within a shard of a run: its output is incomplete. */
  async isWithinShard(out: string): Promise<void> {
    const isWriting = async () => {
      const names = await readdir(join(cwd, `${out}.jobs/shards`)).catch(() => []);
      return names.some((name) => name.includes(`-${this.pid}-`) && name.endsWith('.partial'));
    };
    await vi.waitFor(async () => expect(await isWriting()).toBe(true), { timeout: 60_000, interval: 5 });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.process.kill('SIGCONT');
    this.process.kill(signal);
    return this.exit;
  }
}

/** A run of no work, whose jobs are only counted. */
const runNamed = (id: string): Run => ({
  id,
  out: join(cwd, id),
  workFolder: join(cwd, `${id}.jobs`),
  submitted: new Date().toISOString(),
  attempts: 1,
  task: { kind: 'train', of: 'members', runs: [{ name: 'none', recipe: {} }], stores: [], device: 'cpu' },
});

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-jobs-'));
  if (!runs) return;
  await mkdir(join(cwd, 'redis'));
  redis = await RedisServer.start(join(cwd, 'redis'));
  queue = await JobsQueue.open(redis.url);
  const face = await sharp(SAMPLE).extract({ left: 330, top: 280, width: 320, height: 400 }).toBuffer();
  await mkdir(join(cwd, 'faces'));
  for (let i = 0; i < 25; i++) {
    const picture = sharp(face)
      .resize(96 + i)
      .modulate({ brightness: 0.7 + i / 50 });
    await picture.jpeg().toFile(join(cwd, `faces/${i}.jpg`));
  }
  await writeFile(join(cwd, 'faces/13.jpg'), 'no picture');
  await writeList('list.txt');
  await agewise(['estimate', '@list.txt', '--out', 'quiet.parquet', ...OPTIONS, '--threads', '1'], { cwd });
  steady = await TestWorker.start();
}, TIMEOUT);
afterEach(async () => {
  for (const worker of workers) if (worker !== steady) await worker.kill();
});
afterAll(async () => {
  await steady?.kill();
  await queue?.close();
  await redis?.end();
  await rm(cwd, { recursive: true });
});

const OPTIONS = ['--cropped', '--at-least', '18'];
const lines = (count: number) => Array.from({ length: count }, (_, i) => `faces/${i % 25}.jpg\n`).join('');
const writeList = (name: string, count = COUNT) => writeFile(join(cwd, name), lines(count));

const jobs = (...args: string[]) => agewise(['jobs', ...args], { cwd, env: { AGEWISE_QUEUE: redis.url } });

/** Submits pictures and gives the run's name. */
async function submit(
  out: string,
  {
    inputs = '@list.txt',
    attempts = 5,
    size = SIZE,
  }: { inputs?: string; attempts?: number; size?: number } = {},
): Promise<string> {
  const limits = ['--shard-size', String(size), '--attempts', String(attempts)];
  const { code, stderr } = await jobs('estimate', inputs, '--out', out, ...OPTIONS, ...limits);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^run \w+.*: \d+ jobs? in the queue$/m)]);
  return /^run (\w+)/m.exec(stderr)![1]!;
}

/** Workers that take the next job and stop responding, one after another. */
async function fallSilent(count: number): Promise<void> {
  const { Worker } = await import('bullmq');
  for (let i = 0; i < count; i++) {
    const connection = queue.redis.duplicate();
    const worker = new Worker('jobs', () => new Promise(() => {}), {
      connection,
      prefix: 'agewise',
      lockDuration: SHORT_HOLD,
      stalledInterval: SHORT_HOLD / 2,
      // Redis may have told the worker that stands still of the job.
      drainDelay: SHORT_HOLD / 1000,
      maxStalledCount: count,
      skipLockRenewal: true,
    });
    worker.on('error', () => {});
    await new Promise((resolve) => worker.once('active', resolve));
    await worker.close(true);
    connection.disconnect();
  }
}

async function joined(file: string, out = file): Promise<void> {
  const whole = async () => (await exists(join(cwd, file))) && !(await exists(join(cwd, `${out}.jobs`)));
  await vi.waitFor(async () => expect(await whole()).toBe(true), { timeout: 90_000, interval: 50 });
}

async function rowsOf(file: string): Promise<string[]> {
  const reader = await EstimatesReader.open(join(cwd, file));
  const rows: string[] = [];
  for await (const row of reader.rows())
    rows.push(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
  await reader.close();
  return rows;
}

interface HistoryLine {
  readonly kind: string;
  readonly epoch: number;
}

/** What a run wrote of itself. */
async function historyOf(run: string): Promise<HistoryLine[]> {
  const text = await readFile(join(cwd, run, 'history.jsonl'), 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).trim();
  return whole === '' ? [] : whole.split('\n').map((line) => JSON.parse(line) as HistoryLine);
}

/** How many epochs the member that is being trained has behind it. */
async function epochsUnderWay(out: string): Promise<number> {
  const names = await readdir(join(cwd, out)).catch(() => [] as string[]);
  const own = names.find((name) => name.includes('.at-'));
  if (own === undefined) return 0;
  return (await historyOf(join(out, own))).filter(({ kind }) => kind === 'epoch').length;
}

async function isAsQuiet(out: string): Promise<void> {
  await joined(out);
  const rows = await rowsOf(out);
  expect(rows).toHaveLength(COUNT);
  expect(rows).toEqual(await rowsOf('quiet.parquet'));
}

/** Checks that a worker takes jobs again: those of a run that no other worker takes. */
async function worksOn(worker: TestWorker, out: string): Promise<void> {
  steady.process.kill('SIGSTOP');
  await submit(out);
  await worker.isWithinShard(out);
  steady.process.kill('SIGCONT');
  await isAsQuiet(out);
}

describe.skipIf(!runs)('a joined result is that of one undisturbed process', () => {
  it(
    'if nothing happens, with networks loaded once',
    async () => {
      const args = ['@list.txt', '--out', 'plain.parquet', ...OPTIONS, '--shard-size', String(SIZE)];
      const { code, stderr } = await jobs('estimate', ...args);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^run \w+: 5 jobs in the queue\n/)]);
      const id = /^run (\w+)/.exec(stderr)![1]!;
      await isAsQuiet('plain.parquet');
      expect(steady.text.match(/networks loaded/g)).toHaveLength(1);
      const { stdout } = await jobs('status', id, '--json');
      expect(JSON.parse(stdout)).toMatchObject({
        id,
        kind: 'estimate',
        jobs: 5,
        done: 5,
        active: 0,
        waiting: 0,
        failed: [],
        missing: 0,
        joined: true,
      });
      const again = await jobs('estimate', '@list.txt', '--out', 'plain.parquet');
      expect([again.code, again.stderr]).toEqual([
        2,
        'agewise: plain.parquet: expected a new name, found an existing file or folder\n',
      ]);
    },
    TIMEOUT,
  );

  it(
    'if a worker is killed within a shard',
    async () => {
      const victim = await TestWorker.start();
      await submit('killed.parquet');
      await victim.isWithinShard('killed.parquet');
      await victim.kill('SIGKILL');
      await isAsQuiet('killed.parquet');
      expect(steady.text).toMatch(/taken over from a silent worker/);
    },
    TIMEOUT,
  );

  it(
    'if Redis is killed and restarted',
    async () => {
      await submit('restarted.parquet');
      await steady.isWithinShard('restarted.parquet');
      await redis.end('SIGKILL');
      await setTimeout(300);
      await redis.begin();
      await isAsQuiet('restarted.parquet');
    },
    TIMEOUT,
  );

  it(
    'if a worker is stopped for longer than its lock, and continues when all is done',
    async () => {
      const victim = await TestWorker.start();
      await submit('stopped.parquet');
      await victim.isWithinShard('stopped.parquet');
      victim.process.kill('SIGSTOP');
      await isAsQuiet('stopped.parquet');
      const bytes = await readFile(join(cwd, 'stopped.parquet'));
      victim.process.kill('SIGCONT');
      await victim.says(/given back, since|Missing|could not renew/);
      // It works on: the next run is its too.
      await worksOn(victim, 'after.parquet');
      expect(Buffer.compare(await readFile(join(cwd, 'stopped.parquet')), bytes)).toBe(0);
      expect((await readdir(cwd)).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.parquet']);
    },
    TIMEOUT,
  );

  it(
    'if a worker is cut off from Redis within a shard',
    async () => {
      const way = await CuttableWay.to(redis.port);
      try {
        const victim = await TestWorker.start(way.url);
        await submit('cut.parquet');
        await victim.isWithinShard('cut.parquet');
        way.pause();
        await isAsQuiet('cut.parquet');
        way.resume();
        const bytes = await readFile(join(cwd, 'cut.parquet'));
        await worksOn(victim, 'rejoined.parquet');
        expect(Buffer.compare(await readFile(join(cwd, 'cut.parquet')), bytes)).toBe(0);
      } finally {
        await way.close();
      }
    },
    TIMEOUT,
  );

  it(
    'if the disk of one worker, which ends, is full',
    async () => {
      try {
        execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
      } catch {
        console.log('skipped: a disk of its own can be given to a process by root only');
        return;
      }
      steady.process.kill('SIGSTOP');
      const id = await submit('full.parquet');
      const victim = await TestWorker.start(redis.url, join(cwd, 'full.parquet.jobs/shards'));
      expect(await victim.exit).toBe(1);
      expect(victim.text).toMatch(new RegExp(`agewise: ${id}-\\d+: the disk is full; the worker ends`));
      steady.process.kill('SIGCONT');
      await isAsQuiet('full.parquet');
    },
    TIMEOUT,
  );
});

describe.skipIf(!runs)('agewise jobs', () => {
  it(
    'sets a failing shard aside, lists it, and retries it on request',
    async () => {
      await writeList('shrunk.txt');
      steady.process.kill('SIGSTOP');
      const id = await submit('poison.parquet', { inputs: '@shrunk.txt', attempts: 2 });
      await writeList('shrunk.txt', COUNT - 10);
      steady.process.kill('SIGCONT');
      await vi.waitFor(async () => expect((await queue.status(id)).delayed).toBe(1), {
        timeout: 30_000,
        interval: 20,
      });
      // Between half of the first back-off and all of it.
      const { delay, opts } = (await queue.bull.getJob(`${id}-4`))!;
      expect(delay).toBeGreaterThanOrEqual(1000);
      expect(delay).toBeLessThanOrEqual(2000);
      expect(opts.backoff).toEqual({ type: 'exponential', delay: 2000, jitter: 0.5 });
      const watched = await jobs('watch', id);
      expect(watched.code).toBe(1);
      const sentence = 'shard 4: expected 12 pictures, as when it was submitted, found 2';
      expect(watched.stdout).toBe(
        `${id}  estimate  4 of 5 jobs done, 1 set aside\n  job 4, 2 attempts: ${sentence}\n`,
      );
      await writeList('shrunk.txt');
      expect((await jobs('retry', id)).code).toBe(0);
      await isAsQuiet('poison.parquet');
    },
    TIMEOUT,
  );

  it(
    'sets aside a shard whose workers stopped responding four times, and not after three',
    async () => {
      for (const [count, out] of [
        [3, 'unlucky.parquet'],
        [4, 'deadly.parquet'],
      ] as const) {
        steady.process.kill('SIGSTOP');
        const id = await submit(out, { size: COUNT });
        await fallSilent(count);
        steady.process.kill('SIGCONT');
        if (count === 3) await isAsQuiet(out);
        else {
          await vi.waitFor(async () => expect((await queue.status(id)).failed).toHaveLength(1), {
            timeout: 30_000,
            interval: 20,
          });
          expect((await queue.status(id)).failed).toEqual([
            { number: 0, error: 'its workers stopped responding, one after another', attempts: 4 },
          ]);
          expect(await exists(join(cwd, out))).toBe(false);
        }
      }
    },
    TIMEOUT,
  );

  it(
    'estimates the time left by what jobs took since a run was resumed, whatever clocks say',
    async () => {
      steady.process.kill('SIGSTOP');
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
      const run = runNamed('timed');
      const all = Array.from({ length: 10 }, (_, number) => ({ run: run.id, number }));
      const left = async () => (await queue.status(run.id)).secondsLeft;
      const [wait, active] = ['agewise:jobs:wait', 'agewise:jobs:active'];
      await queue.submit(run, all);
      await queue.redis.lmove(wait, active, 'RIGHT', 'LEFT');
      expect(await left()).toBeUndefined();
      for (let i = 0; i < 5; i++) await queue.markDone(run.id, i, 200);
      await queue.markDone(run.id, 4, 7000);
      expect(await left()).toBe(1000);
      await queue.redis.lmove(wait, active, 'RIGHT', 'LEFT');
      vi.setSystemTime(Date.now() - 86_400_000);
      expect(await left()).toBe(500);
      await queue.submit(run, all);
      expect(await left()).toBeUndefined();
      await queue.markDone(run.id, 5, 10);
      vi.setSystemTime(Date.now() + 2 * 86_400_000);
      expect(await left()).toBe(20);
      await queue.redis.lmove(active, wait, 'LEFT', 'RIGHT');
      await queue.redis.lmove(active, wait, 'LEFT', 'RIGHT');
      expect(await left()).toBeUndefined();
      await queue.cancel(run.id);
      vi.useRealTimers();
      steady.process.kill('SIGCONT');
    },
    TIMEOUT,
  );

  it(
    'submits each job once, though Redis is lost among them',
    async () => {
      await mkdir(join(cwd, 'lost'));
      const server = await RedisServer.start(join(cwd, 'lost'));
      const other = await JobsQueue.open(server.url);
      try {
        const add = other.bull.addBulk.bind(other.bull);
        vi.spyOn(other.bull, 'addBulk').mockImplementationOnce(async (all) => {
          await add(all.slice(0, 300));
          throw Object.assign(new Error('Command aborted due to connection close'), { name: 'AbortError' });
        });
        const run = runNamed('lost');
        await other.submit(
          run,
          Array.from({ length: 1500 }, (_, number) => ({ run: run.id, number })),
        );
        expect(await other.status(run.id)).toMatchObject({ jobs: 1500, waiting: 1500, missing: 0 });
      } finally {
        await other.close();
        await server.end();
      }
    },
    TIMEOUT,
  );

  it(
    'cancels a run, keeps its finished shards, and resumes it',
    async () => {
      steady.process.kill('SIGSTOP');
      const id = await submit('cancelled.parquet', { inputs: 'faces' });
      expect((await jobs('cancel', id)).code).toBe(0);
      steady.process.kill('SIGCONT');
      expect((await jobs('status', id)).stdout).toBe(`${id}  estimate  0 of 3 jobs done, cancelled\n`);
      expect(await submit('cancelled.parquet', { inputs: 'faces' })).toBe(id);
      await joined('cancelled.parquet');
      // Pictures of a folder have absolute names.
      const rows = (await rowsOf('cancelled.parquet')).map((row) => row.replaceAll(`${cwd}/`, ''));
      expect(rows).toEqual((await rowsOf('quiet.parquet')).slice(0, 25));
    },
    TIMEOUT,
  );

  it(
    'evaluates a store in shards to the predictions of one process',
    async () => {
      const store = join(cwd, 'store');
      await writeGreyStore(store, { count: 100 });
      const data = ['--model', 'agewise-base', '--data', store, '--cropped', '--flip', '--robustness', '3'];
      await agewise(
        ['evaluate', ...data, '--predictions', 'quiet-predictions.parquet', '--draws', '2', '--threads', '1'],
        { cwd },
      );
      expect(
        (await jobs('evaluate', ...data, '--out', 'predictions.parquet', '--shard-size', '32')).code,
      ).toBe(0);
      await joined('predictions.parquet');
      const predictions = await readFile(join(cwd, 'predictions.parquet'));
      expect(Buffer.compare(predictions, await readFile(join(cwd, 'quiet-predictions.parquet')))).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'trains members to the model of one process, though a worker is killed with one half trained',
    async () => {
      await writeFile(join(cwd, 'grey.yaml'), stringify(GREY_RECIPE));
      const recipe = ['grey.yaml', `--set=stages.0.epochs=${EPOCHS}`, '--data', join(cwd, 'store')];
      steady.process.kill('SIGSTOP');
      const victim = await TestWorker.start();
      const { code } = await jobs('train', ...recipe, '--out', 'members', '--members', '2');
      expect(code).toBe(0);
      await vi.waitFor(async () => expect(await epochsUnderWay('members')).toBeGreaterThan(1), {
        timeout: 60_000,
        interval: 5,
      });
      await victim.kill('SIGKILL');
      const before = await epochsUnderWay('members');
      expect(before).toBeLessThan(EPOCHS);
      const taken = steady.text.length;
      steady.process.kill('SIGCONT');
      const alone = ['--set=members=2', '--out', 'alone', '--threads', '1'];
      await agewise(['train', ...recipe, ...alone], { cwd });
      await agewise(['export', 'alone', 'alone.onnx'], { cwd });
      await joined('members/model.onnx', 'members');
      expect(steady.text.slice(taken)).toMatch(/-0: taken over from a silent worker/);
      // It went on where it was: each epoch stands there once.
      const epochs = (await historyOf('members/member-1')).filter(({ kind }) => kind === 'epoch');
      expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1));
      const model = await readFile(join(cwd, 'members/model.onnx'));
      expect(Buffer.compare(model, await readFile(join(cwd, 'alone.onnx')))).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'trains folds, each left out once, and averages their figures',
    async () => {
      const args = ['--data', join(cwd, 'store'), '--out', 'folds', '--folds', '3', '--watch'];
      const { code } = await jobs('train', 'grey.yaml', '--set=stages.0.epochs=1', ...args);
      expect(code).toBe(0);
      const { folds, figures } = JSON.parse(await readFile(join(cwd, 'folds/folds.json'), 'utf8'));
      const maes = folds.map((fold: { figures: { mae: number } }) => fold.figures.mae);
      expect(folds.map(({ name }: { name: string }) => name)).toEqual(['fold-0', 'fold-1', 'fold-2']);
      expect(figures.mae.mean).toBeCloseTo((maes[0] + maes[1] + maes[2]) / 3, 10);
    },
    TIMEOUT,
  );

  it(
    'sets jobs aside at once whose recipe cannot be trained',
    async () => {
      const args = ['--set=data.train=nothing', '--data', join(cwd, 'store'), '--out', 'never'];
      await writeFile(join(cwd, 'grey.yaml'), stringify(GREY_RECIPE));
      const { code, stdout } = await jobs('train', 'grey.yaml', ...args, '--members', '1', '--watch');
      expect(code).toBe(1);
      expect(stdout).toMatch(/job 0, 1 attempt: .*the recipe names 'nothing'\n$/);
    },
    TIMEOUT,
  );

  it(
    'refuses models that predict no groups with --groups',
    async () => {
      const { code, stderr } = await jobs('estimate', 'faces', '--groups', '--out', 'groups.parquet');
      expect([code, stderr]).toEqual([
        2,
        'agewise: --groups: expected a model of age groups (--model), found one of years\n',
      ]);
    },
    TIMEOUT,
  );

  describe('names in one sentence, without secrets, why a server cannot be used:', () => {
    const servers: Record<string, RedisServer> = {};
    const failureOf = async (url: string, ...args: string[]) => {
      const words = args.length > 0 ? args : ['jobs', 'status'];
      const { code, stderr } = await agewise([...words, '--queue', url], { cwd });
      return [code, stderr];
    };
    beforeAll(async () => {
      const settings = {
        lossy: { 'maxmemory-policy': 'allkeys-lru' },
        locked: { requirepass: 'geheim' },
        small: { maxmemory: '2mb' },
      };
      for (const [name, own] of Object.entries(settings)) {
        await mkdir(join(cwd, name));
        servers[name] = await RedisServer.start(join(cwd, name), own);
      }
    });
    afterAll(async () => {
      for (const server of Object.values(servers)) await server.end();
    });

    it.each([
      ['scheme', 'http://anna:geheim@127.0.0.1:1', "'http://***@127.0.0.1:1'"],
      ['port', 'redis://:geheim@127.0.0.1:port', "'redis://***@127.0.0.1:port'"],
      ['start', ':ge/heim@127.0.0.1:1?password=geheim', "'***@127.0.0.1:1?password=***'"],
      ['percent sign', 'redis://:%zz@127.0.0.1:1', "'redis://***@127.0.0.1:1'"],
    ])(
      'an address with a wrong %s',
      async (_, url, found) => {
        expect(await failureOf(url)).toEqual([
          2,
          `agewise: --queue: expected the address of a Redis server, such as redis://127.0.0.1:6379, found ${found}\n`,
        ]);
      },
      TIMEOUT,
    );

    it(
      'it does not answer',
      async () => {
        const port = await freePort();
        expect(await failureOf(`redis://:geheim@localhost:${port}`)).toEqual([
          1,
          `agewise: redis://***@localhost:${port}: expected a Redis server that answers, found no server at that port\n`,
        ]);
      },
      TIMEOUT,
    );

    it(
      'it refuses the password, which a worker does not wait for',
      async () => {
        const { port } = servers.locked!;
        expect(await failureOf(`redis://127.0.0.1:${port}`)).toEqual([
          2,
          `agewise: redis://127.0.0.1:${port}: expected an address with the password of the server, before its host, found one without\n`,
        ]);
        const other = `redis://:falsch@127.0.0.1:${port}`;
        expect(await failureOf(other, 'worker')).toEqual([
          2,
          `agewise: redis://***@127.0.0.1:${port}: expected the server's user and password, found others\n`,
        ]);
      },
      TIMEOUT,
    );

    it(
      'it has no database of that number',
      async () => {
        expect(await failureOf(`${redis.url}/99`)).toEqual([
          1,
          `agewise: ${redis.url}/99: expected a server that does as asked, found 'ERR DB index is out of range'\n`,
        ]);
      },
      TIMEOUT,
    );

    it(
      'it evicts jobs',
      async () => {
        const { url } = servers.lossy!;
        expect(await failureOf(url)).toEqual([
          2,
          `agewise: ${url}: expected a Redis server with 'maxmemory-policy noeviction', since others evict jobs when memory is full, found 'allkeys-lru'\n`,
        ]);
      },
      TIMEOUT,
    );

    it(
      'it is too old',
      async () => {
        const old = (answer: Buffer) =>
          Buffer.from(
            answer
              .toString('latin1')
              .replace(/redis_version:[^\r]+/, (is) => 'redis_version:6.2'.padEnd(is.length)),
            'latin1',
          );
        const way = await CuttableWay.to(redis.port, old);
        try {
          expect(await failureOf(way.url)).toEqual([
            2,
            `agewise: ${way.url}: expected Redis 7.0 or newer, found 6.2\n`,
          ]);
        } finally {
          await way.close();
        }
      },
      TIMEOUT,
    );

    it(
      'it has no memory for more jobs',
      async () => {
        const { url } = servers.small!;
        await writeList('many.txt', 5000);
        const args = ['jobs', 'estimate', '@many.txt', '--out', 'many.parquet', '--shard-size', '1'];
        expect(await failureOf(url, ...args)).toEqual([
          1,
          `agewise: ${url}: expected a server with free memory, found that its limit 'maxmemory' is reached\n`,
        ]);
      },
      TIMEOUT,
    );
  });

  it(
    'ends a worker by SIGTERM, and watching by Ctrl-C, while the server does not answer',
    async () => {
      await mkdir(join(cwd, 'gone'));
      const gone = await RedisServer.start(join(cwd, 'gone'));
      const idle = await TestWorker.start(gone.url);
      const args = ['estimate', '@list.txt', '--out', 'gone.parquet', ...OPTIONS, '--queue', gone.url];
      const watching = spawn(process.execPath, [MAIN, 'jobs', ...args, '--watch'], { cwd });
      const ended = new Promise((resolve) => watching.once('close', resolve));
      await idle.isWithinShard('gone.parquet');
      await gone.end();
      await idle.says(/ECONNREFUSED/);
      watching.kill('SIGINT');
      expect(await idle.kill('SIGTERM')).toBe(0);
      expect(await ended).toBe(130);
    },
    TIMEOUT,
  );

  it('ends a worker by SIGTERM', async () => {
    expect(await steady.kill('SIGTERM')).toBe(0);
  });
});
