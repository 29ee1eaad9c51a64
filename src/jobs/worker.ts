/** A worker: takes jobs from the queue, one at a time, on any machine that sees the files. */
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Job as BullJob } from 'bullmq';
import type { AgeEstimator } from '../estimate/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import { isDiskFull, maskAddress, reasonOf } from '../files/index.js';
import { JobsError } from './error.js';
import { Live } from './live.js';
import { JobsQueue, PREFIX, QUEUE } from './queue.js';
import { loadBull } from './redis.js';
import { type Job, jobSchema, type Run } from './schemas.js';
import { LOCK_SECONDS, MOST_TAKEOVERS } from './settings.js';
import type { JobContext } from './tasks/context.js';
import { joinRun, workOn } from './tasks/index.js';

export interface WorkerOptions {
  /** Threads on the CPU; default one for each core. */
  readonly threads?: number | undefined;
  /** After which a job of a silent worker is taken over; the same for all workers of a queue. */
  readonly lockSeconds?: number | undefined;
  /** Told what happens, a line each. */
  readonly onLine?: (line: string) => void;
}

/** Seconds between two looks at whether the run under way was cancelled. */
const CANCEL_SECONDS = 2;

const LOADED = 'networks loaded';

/** Why a job is let go that is not done, and goes back to the queue. */
class EndingError extends Error {}

export class JobsWorker {
  /** The end of the worker: why it cannot go on, or undefined where it was told to end. */
  readonly ended: Promise<Error | undefined>;
  private readonly estimators = new Live<AgeEstimator>(() => this.say(LOADED));
  private readonly networks = new Live<FaceNetworks>(() => this.say(LOADED));
  private readonly runs = new Map<string, Run>();
  private readonly end: (why?: Error) => void;
  private ending: Error | undefined;
  private renewed = performance.now();

  private constructor(
    private readonly queue: JobsQueue,
    private readonly bull: Awaited<ReturnType<typeof loadBull>>,
    private readonly options: WorkerOptions,
  ) {
    let end: (why?: Error) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.end = end;
  }

  /**
   * Begins to take jobs; waits for a server that does not answer yet.
   * @throws JobsError as `connect`
   */
  static async start(url: string, options: WorkerOptions = {}): Promise<JobsWorker> {
    const bull = await loadBull();
    const queue = await JobsQueue.open(url, true);
    const worker = new JobsWorker(queue, bull, options);
    worker.run(url);
    return worker;
  }

  /** Ends: the job under way goes back to the queue, or is done if it is about to be. */
  close(): void {
    this.stop(new EndingError('the worker ends'));
  }

  private stop(why: Error): void {
    this.ending ??= why;
    this.cancel?.(why);
    void this.shut?.();
  }

  /** Lets the job under way go. */
  private cancel: ((why: Error) => void) | undefined;
  private shut: (() => Promise<void>) | undefined;

  private run(url: string): void {
    const lockDuration = 1000 * (this.options.lockSeconds ?? LOCK_SECONDS);
    const worker = new this.bull.Worker(QUEUE, (job: BullJob, token?: string) => this.process(job, token!), {
      connection: this.queue.redis,
      prefix: PREFIX,
      name: `${hostname()}-${process.pid}`,
      lockDuration,
      stalledInterval: lockDuration / 2,
      maxStalledCount: MOST_TAKEOVERS,
      runRetryDelay: 1000,
    });
    // BullMQ tells that a hold is lost, and leaves it to the work to end.
    worker.on('lockRenewalFailed', () => this.cancel?.(new EndingError('another worker has the job now')));
    worker.on('locksRenewed', () => {
      this.renewed = performance.now();
    });
    worker.on('failed', (job, error) => this.say(`${job?.id}: ${error.message.split('\n')[0]}`));
    worker.on('stalled', (id) => this.say(`${id}: taken over from a worker that fell silent`));
    worker.on('error', (error) => this.trouble(error));
    this.queue.redis.on('ready', () => this.say(`connected to ${maskAddress(url)}`));
    // A worker that is cut off cannot be told that its hold is over.
    const watch = setInterval(() => {
      if (performance.now() - this.renewed > lockDuration)
        this.cancel?.(new EndingError('the queue could not be reached for longer than the job is held'));
    }, lockDuration / 4);
    this.shut = async () => {
      this.shut = undefined;
      clearInterval(watch);
      await worker.close().catch(() => undefined);
      await Promise.all([this.estimators.dispose(), this.networks.dispose()]);
      await this.queue.close().catch(() => undefined);
      this.end(this.ending instanceof EndingError ? undefined : this.ending);
    };
  }

  private async process(bullJob: BullJob, token: string): Promise<void> {
    const id = bullJob.id!;
    const job = this.parsed(bullJob.data, id);
    const control = new AbortController();
    this.renewed = performance.now();
    this.cancel = (why) => control.abort(why);
    if (this.ending !== undefined) control.abort(this.ending);
    const began = performance.now();
    const look = setInterval(async () => {
      if (await this.queue.isCancelled(job.run).catch(() => false))
        control.abort(new this.bull.UnrecoverableError('the run was cancelled'));
    }, 1000 * CANCEL_SECONDS);
    try {
      const run = await this.runOf(job.run);
      if (await this.queue.isCancelled(job.run)) return;
      await this.queue.begin(job.run);
      await this.work(run, job, control.signal);
      this.say(`${id}: done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      // What a job says that was aborted is of no interest.
      const why = control.signal.aborted ? (control.signal.reason as Error) : (error as Error);
      if (why.name === 'UnrecoverableError') return;
      const reason = why.cause ?? why;
      if (isDiskFull(reason)) {
        // It is this machine's fault and not the job's: the job costs no attempt, and this worker takes no other.
        this.stop(
          new JobsError(
            { subject: id, problem: `${reasonOf(reason)}; the worker ends` },
            { kind: 'failed', cause: why },
          ),
        );
        await this.giveBack(bullJob, token);
      }
      if (why instanceof EndingError) {
        this.say(`${id}: let go, since ${why.message}`);
        await this.giveBack(bullJob, token);
      }
      throw why;
    } finally {
      clearInterval(look);
      this.cancel = undefined;
    }
  }

  /** Puts a job back for others, unless it is theirs already. */
  private async giveBack(job: BullJob, token: string): Promise<never> {
    await job.moveToWait(token).catch(() => undefined);
    throw new this.bull.WaitingError();
  }

  private async work(run: Run, job: Job, signal: AbortSignal): Promise<void> {
    const { threads } = this.options;
    const context: JobContext = { signal, threads, estimators: this.estimators, networks: this.networks };
    if (job.number !== null) {
      await workOn(run, { ...job, number: job.number }, context);
      await this.queue.finish(run.id, job.number);
      return;
    }
    if (!(await this.queue.isJoined(run.id))) {
      await joinRun(run, context);
      await this.queue.joined(run.id);
      this.say(`${run.id}: joined in ${run.out}`);
    }
    await rm(run.work, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  private parsed(data: unknown, id: string): Job {
    const job = jobSchema.safeParse(data);
    if (job.success) return job.data;
    throw new this.bull.UnrecoverableError(`${id}: it is no job of this version of Agewise`);
  }

  private async runOf(id: string): Promise<Run> {
    const known = this.runs.get(id);
    if (known !== undefined) return known;
    const run = await this.queue.run(id);
    this.runs.clear();
    this.runs.set(id, run);
    return run;
  }

  private lastTrouble = '';

  /** A server that is away says so many times a second. */
  private trouble(error: Error): void {
    const text = error.message.split('\n')[0]!;
    if (text !== this.lastTrouble) this.say(text);
    this.lastTrouble = text;
  }

  private say(line: string): void {
    this.options.onLine?.(line);
  }
}
