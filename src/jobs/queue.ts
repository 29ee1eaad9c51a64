/**
 * The queue of runs and their jobs. BullMQ keeps the jobs; beside them Redis has, for each run, its description and one bit
 * for each finished job, so that a job done twice counts once.
 */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Queue as BullQueue } from 'bullmq';
import type { Redis } from 'ioredis';
import { JobsError } from './error.js';
import { connect, loadBull } from './redis.js';
import { type Job, type Run, runSchema } from './schemas.js';
import { ATTEMPTS, BACKOFF } from './settings.js';

/** The name of the queue, and the prefix of all keys. */
export const QUEUE = 'jobs';
export const PREFIX = 'agewise';

/** How many times as long as it takes to count the jobs of a run, `watch` waits until it counts them again. */
const PAUSES = 20;

/** The number of jobs sent to Redis at once. */
const BULK = 1000;

const RUNS = `${PREFIX}:runs`;
const runKey = (id: string) => `${PREFIX}:run:${id}`;
const doneKey = (id: string) => `${PREFIX}:run:${id}:done`;

/** `RUN-NUMBER`, or `RUN-join` for the job that joins. */
const jobId = ({ run, number }: Job): string => `${run}-${number ?? 'join'}`;

/** BullMQ's message for a job whose workers stopped responding more often than is allowed. */
const STALLED_TOO_OFTEN = 'job stalled more than allowable limit';

/** A job that was set aside after its last attempt. */
export interface FailedJob {
  /** From 0; null for the job that joins. */
  readonly number: number | null;
  readonly error: string;
  readonly attempts: number;
}

export interface RunStatus {
  readonly run: Run;
  /** The number of jobs; undefined while they are still being submitted. */
  readonly jobs: number | undefined;
  readonly done: number;
  readonly active: number;
  readonly waiting: number;
  /** Failed jobs that wait for their next attempt. */
  readonly delayed: number;
  readonly failed: readonly FailedJob[];
  /** Jobs neither done nor in the queue, as after a crash of Redis without an append-only file. */
  readonly missing: number;
  readonly joined: boolean;
  readonly cancelled: boolean;
  /**
   * The estimated seconds until all are done, by as many workers as have a job now. Undefined if none has, and until a job
   * is done after the run was submitted or resumed.
   */
  readonly secondsLeft: number | undefined;
}

export class JobsQueue {
  private constructor(
    readonly redis: Redis,
    readonly bull: BullQueue,
  ) {}

  /** As `connect`. */
  static async open(url: string, onWaiting?: (why: JobsError) => void): Promise<JobsQueue> {
    const { Queue } = await loadBull();
    const redis = await connect(url, onWaiting);
    const bull = new Queue(QUEUE, { connection: redis, prefix: PREFIX, skipMetasUpdate: true });
    bull.on('error', () => {});
    return new JobsQueue(redis, bull);
  }

  async close(): Promise<void> {
    await this.bull.close();
    this.redis.disconnect();
  }

  /**
   * Submits a run and any number of jobs. A run that was submitted before gets the jobs it lacks.
   * @returns the number of jobs
   */
  async submit(run: Run, jobs: AsyncIterable<Job> | Iterable<Job>): Promise<number> {
    await this.redis.hset(runKey(run.id), 'run', JSON.stringify(runSchema.parse(run)));
    // The time left is estimated from what is done from now on.
    await this.redis.hdel(runKey(run.id), 'cancelled', 'timed', 'seconds');
    await this.redis.zadd(RUNS, Date.parse(run.submitted), run.id);
    const total = await this.add(run, jobs);
    await this.redis.hset(runKey(run.id), 'jobs', total);
    await this.joinIfDone(run.id);
    return total;
  }

  /** Adds the jobs that are not done; jobs already in the queue stay as they are. */
  private async add(run: Run, jobs: AsyncIterable<Job> | Iterable<Job>): Promise<number> {
    let total = 0;
    let bulk: Job[] = [];
    const flush = async () => {
      const first = bulk[0]!.number! >> 3;
      const bytes = await this.redis.getrangeBuffer(doneKey(run.id), first, bulk.at(-1)!.number! >> 3);
      const isDone = (number: number) => ((bytes[(number >> 3) - first] ?? 0) >> (7 - (number & 7))) & 1;
      const left = bulk.filter(({ number }) => !isDone(number!));
      const bulkJobs = left.map((job) => ({ name: 'shard', data: job, opts: optionsOf(job, run.attempts) }));
      // Repeated if the server restarts meanwhile; jobs that it has stay as they are.
      while (!(await this.bull.addBulk(bulkJobs).catch(undefinedIfCutOff)));
      bulk = [];
    };
    for await (const job of jobs) {
      total++;
      if (bulk.push(job) === BULK) await flush();
    }
    if (bulk.length > 0) await flush();
    return total;
  }

  /** @throws JobsError if there is no such run */
  async run(id: string): Promise<Run> {
    const text = await this.redis.hget(runKey(id), 'run');
    if (text === null) throw await this.unknown(id);
    return runSchema.parse(JSON.parse(text));
  }

  /** The latest first. */
  runs(): Promise<string[]> {
    return this.redis.zrevrange(RUNS, 0, -1);
  }

  private async unknown(id: string): Promise<JobsError> {
    const known = (await this.runs()).slice(0, 5);
    const found = known.length === 0 ? 'none' : `'${id}'`;
    const expected = known.length === 0 ? 'a run' : `one of the runs ${known.join(', ')}`;
    return new JobsError({ subject: 'the queue', expected, found }, { kind: 'missing' });
  }

  /**
   * Records that a job is done. After the last one, adds the job that joins.
   * @param seconds what it took, by the worker's own steady clock: those of machines differ, and may be set meanwhile
   */
  async markDone(id: string, number: number, seconds: number): Promise<void> {
    const before = await this.redis.setbit(doneKey(id), number, 1);
    if (before === 0)
      await Promise.all([
        this.redis.hincrby(runKey(id), 'timed', 1),
        this.redis.hincrbyfloat(runKey(id), 'seconds', seconds),
      ]);
    await this.joinIfDone(id);
  }

  private async joinIfDone(id: string): Promise<void> {
    const [jobs, joined] = await this.redis.hmget(runKey(id), 'jobs', 'joined');
    if (jobs == null || joined != null) return;
    if ((await this.redis.bitcount(doneKey(id))) < Number(jobs)) return;
    const job: Job = { run: id, number: null };
    await this.bull.add('join', job, optionsOf(job, ATTEMPTS));
  }

  async markJoined(id: string): Promise<void> {
    await this.redis.hset(runKey(id), 'joined', new Date().toISOString());
  }

  async isJoined(id: string): Promise<boolean> {
    return (await this.redis.hexists(runKey(id), 'joined')) === 1;
  }

  async isCancelled(id: string): Promise<boolean> {
    return (await this.redis.hexists(runKey(id), 'cancelled')) === 1;
  }

  /** Removes a run's jobs from the queue; running ones end within seconds. Finished shards stay. */
  async cancel(id: string): Promise<void> {
    await this.run(id);
    await this.redis.hset(runKey(id), 'cancelled', new Date().toISOString());
    for (const state of ['waiting', 'delayed', 'failed'] as const) {
      for (const job of await this.idsOf(id, STATES[state])) await this.bull.remove(job).catch(() => 0);
    }
  }

  /**
   * Gives jobs that were set aside another round of attempts, and adds jobs that the queue has lost.
   * @param jobs all jobs of the run
   */
  async retry(id: string, jobs: AsyncIterable<Job> | Iterable<Job>): Promise<void> {
    const run = await this.run(id);
    for (const job of await this.idsOf(id, STATES.failed)) await this.bull.remove(job).catch(() => 0);
    await this.submit(run, jobs);
  }

  async status(id: string): Promise<RunStatus> {
    const run = await this.run(id);
    const [jobs, timed, seconds, joined, cancelled] = await this.redis.hmget(
      runKey(id),
      'jobs',
      'timed',
      'seconds',
      'joined',
      'cancelled',
    );
    const [waiting, delayed, active, failed] = [
      await this.idsOf(id, STATES.waiting),
      await this.idsOf(id, STATES.delayed),
      await this.idsOf(id, STATES.active),
      await this.idsOf(id, STATES.failed),
    ];
    const done = await this.redis.bitcount(doneKey(id));
    const total = jobs == null ? undefined : Number(jobs);
    // Read last: a job that moves meanwhile may count twice, but is not counted as missing.
    const seen = new Set([...waiting, ...delayed, ...active, ...failed]);
    seen.delete(jobId({ run: id, number: null }));
    const missing = total === undefined || cancelled != null ? 0 : Math.max(0, total - done - seen.size);
    const isEstimable = total !== undefined && timed != null && seconds != null && active.length > 0;
    return {
      run,
      jobs: total,
      done,
      active: active.length,
      waiting: waiting.length,
      delayed: delayed.length,
      failed: await this.failures(id, failed),
      missing,
      joined: joined != null,
      cancelled: cancelled != null,
      secondsLeft: isEstimable
        ? ((Number(seconds) / Number(timed)) * (total - done)) / active.length
        : undefined,
    };
  }

  /**
   * The status in intervals, until the run is joined, cancelled, or has only jobs left that were set aside.
   * @param seconds the shortest interval; a queue of very many jobs, which takes long to count, is asked less often
   * @throws AbortError if the signal is aborted, even while the server does not answer
   */
  async *watch(id: string, signal: AbortSignal, seconds = 1): AsyncGenerator<RunStatus, void, undefined> {
    for (;;) {
      const start = performance.now();
      const status = await unlessAborted(signal, this.status(id));
      const pause = Math.max(1000 * seconds, PAUSES * (performance.now() - start));
      yield status;
      if (status.joined || status.cancelled) return;
      const { active, waiting, delayed, failed } = status;
      if (failed.length > 0 && active + waiting + delayed === 0) return;
      await setTimeout(pause, undefined, { signal });
    }
  }

  private async failures(id: string, ids: readonly string[]): Promise<FailedJob[]> {
    const failed: FailedJob[] = [];
    for (const jobId of ids) {
      const job = await this.bull.getJob(jobId);
      if (job === undefined) continue;
      const { failedReason = '', attemptsStarted } = job;
      const number = jobId.slice(id.length + 1);
      const stalled = failedReason === STALLED_TOO_OFTEN;
      failed.push({
        number: number === 'join' ? null : Number(number),
        error: stalled ? 'its workers stopped responding, one after another' : failedReason.split('\n')[0]!,
        // The worker that sets such a job aside takes it without starting it.
        attempts: stalled ? attemptsStarted - 1 : attemptsStarted,
      });
    }
    return failed.sort((a, b) => (a.number ?? Infinity) - (b.number ?? Infinity));
  }

  private async idsOf(id: string, states: readonly ('wait' | 'delayed' | 'active' | 'failed')[]) {
    const ids = await this.bull.getRanges([...states], 0, -1);
    return ids.filter((jobId) => jobId.startsWith(`${id}-`));
  }
}

/** @throws the error, unless the connection was lost before the server had answered */
function undefinedIfCutOff(error: Error): undefined {
  if (error.name !== 'AbortError') throw error;
}

/** @throws the signal's reason as soon as it is aborted */
async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then(() => signal.throwIfAborted());
  try {
    return (await Promise.race([promise, aborted])) as T;
  } finally {
    settled.abort();
  }
}

const STATES = {
  waiting: ['wait'],
  delayed: ['delayed'],
  active: ['active'],
  failed: ['failed'],
} as const;

const optionsOf = (job: Job, attempts: number) => ({
  jobId: jobId(job),
  attempts,
  backoff: BACKOFF,
  removeOnComplete: true,
  removeOnFail: false,
});
