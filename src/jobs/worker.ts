/** A worker: takes jobs from the queue, one at a time, on any machine that can access the files. */

import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Job as BullJob } from 'bullmq';
import type { OpenedStore } from '../bulk/node.js';
import { AgewiseError, maskAddress } from '../errors/index.js';
import type { AgeEstimator } from '../estimate/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import type { StorePictures } from '../evaluate/index.js';
import { isDiskFull, reasonOf } from '../files/index.js';
import { JobsError } from './error.js';
import { LastLoaded } from './last-loaded.js';
import { JobsQueue, PREFIX, QUEUE } from './queue.js';
import { loadBull } from './redis.js';
import { type Job, jobSchema, type Run } from './schemas.js';
import { LOCK_SECONDS, MOST_TAKEOVERS } from './settings.js';
import type { JobContext } from './tasks/context.js';
import { joinRun, runJob } from './tasks/index.js';

export interface WorkerOptions {
  /** Threads on the CPU; default one per core. */
  readonly threads?: number | undefined;
  /** The seconds after which a job of a silent worker is taken over; must be the same for all workers. */
  readonly lockSeconds?: number | undefined;
  /** Called with each line of the log. */
  readonly onLine?: (line: string) => void;
}

/** The interval between checks whether the current run was cancelled, in seconds. */
const CANCEL_SECONDS = 2;

const LOADED = 'networks loaded';

/** Why an unfinished job goes back to the queue. */
class EndingError extends Error {}

export class JobsWorker {
  /** Resolves when the worker ends: with the reason if it cannot continue, undefined after `close`. */
  readonly ended: Promise<Error | undefined>;
  private readonly loaded = {
    estimators: new LastLoaded<AgeEstimator>(
      (estimator) => estimator.dispose(),
      () => this.log(LOADED),
    ),
    networks: new LastLoaded<FaceNetworks>(
      (networks) => networks.dispose(),
      () => this.log(LOADED),
    ),
    stores: new LastLoaded<OpenedStore>((store) => store.close()),
    labelled: new LastLoaded<StorePictures>((pictures) => pictures.close()),
  };
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
   * Starts taking jobs; waits for a server that does not answer yet.
   * @throws JobsError as `connect`
   */
  static async start(url: string, options: WorkerOptions = {}): Promise<JobsWorker> {
    const bull = await loadBull();
    const queue = await JobsQueue.open(url, (why) => options.onLine?.(`${why.message}; waiting for it`));
    const worker = new JobsWorker(queue, bull, options);
    worker.run(url);
    return worker;
  }

  /** Ends the worker; its current job goes back to the queue. */
  close(): void {
    this.stop(new EndingError('the worker ends'));
  }

  private stop(why: Error): void {
    this.ending ??= why;
    this.cancel?.(why);
    void this.shut?.();
  }

  /** Aborts the current job. */
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
    // BullMQ only reports a lost lock; the job must be aborted here.
    worker.on('lockRenewalFailed', () => this.cancel?.(new EndingError('another worker has the job now')));
    worker.on('locksRenewed', () => {
      this.renewed = performance.now();
    });
    worker.on('failed', (job, error) => this.log(`${job?.id}: ${error.message.split('\n')[0]}`));
    worker.on('stalled', (id) => this.log(`${id}: taken over from a silent worker`));
    worker.on('error', (error) => this.logError(error));
    this.queue.redis.on('ready', () => this.log(`connected to ${maskAddress(url)}`));
    // Without a connection BullMQ cannot report a lost lock.
    const watch = setInterval(() => {
      if (performance.now() - this.renewed > lockDuration)
        this.cancel?.(new EndingError('the queue was unreachable for longer than the lock lasts'));
    }, lockDuration / 4);
    this.shut = async () => {
      this.shut = undefined;
      clearInterval(watch);
      // Without a server nothing can be given back, nor after the time in which others take the job over.
      const close = worker.close(this.queue.redis.status !== 'ready').catch(() => undefined);
      await Promise.race([close, setTimeout(lockDuration, undefined, { ref: false })]);
      void worker.disconnect().catch(() => undefined);
      await Promise.all(Object.values(this.loaded).map((last) => last.dispose()));
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
    const start = performance.now();
    const look = setInterval(async () => {
      if (await this.queue.isCancelled(job.run).catch(() => false))
        control.abort(new this.bull.UnrecoverableError('the run was cancelled'));
    }, 1000 * CANCEL_SECONDS);
    try {
      const run = await this.runOf(job.run);
      if (await this.queue.isCancelled(job.run)) return;
      const seconds = () => (performance.now() - start) / 1000;
      await this.execute(run, job, seconds, control.signal);
      this.log(`${id}: done in ${seconds().toFixed(1)} s`);
    } catch (error) {
      // The error of an aborted job is only a consequence.
      const why = control.signal.aborted ? (control.signal.reason as Error) : (error as Error);
      if (why.name === 'UnrecoverableError') return;
      const reason = why.cause ?? why;
      if (isDiskFull(reason)) {
        // The fault is this machine's, not the job's: it costs no attempt, and this worker takes no more jobs.
        this.stop(
          new JobsError(
            { subject: id, problem: `${reasonOf(reason)}; the worker ends` },
            { kind: 'failed', cause: why },
          ),
        );
        await this.giveBack(bullJob, token);
      }
      if (why instanceof EndingError) {
        this.log(`${id}: given back, since ${why.message}`);
        await this.giveBack(bullJob, token);
      }
      // The next attempt would be refused like this one.
      if (why instanceof AgewiseError && why.kind === 'usage')
        throw new this.bull.UnrecoverableError(why.message);
      throw why;
    } finally {
      clearInterval(look);
      this.cancel = undefined;
    }
  }

  /** Puts a job back into the queue, unless another worker has it already. */
  private async giveBack(job: BullJob, token: string): Promise<never> {
    await job.moveToWait(token).catch(() => undefined);
    throw new this.bull.WaitingError();
  }

  private async execute(run: Run, job: Job, seconds: () => number, signal: AbortSignal): Promise<void> {
    const { threads } = this.options;
    const context: JobContext = { signal, threads, ...this.loaded };
    if (job.number !== null) {
      await runJob(run, { ...job, number: job.number }, context);
      await this.queue.markDone(run.id, job.number, seconds());
      return;
    }
    if (!(await this.queue.isJoined(run.id))) {
      await joinRun(run, context);
      await this.queue.markJoined(run.id);
      this.log(`${run.id}: joined in ${run.out}`);
    }
    await rm(run.workFolder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  private parsed(data: unknown, id: string): Job {
    const job = jobSchema.safeParse(data);
    if (job.success) return job.data;
    throw new this.bull.UnrecoverableError(`${id}: not a job of this version of Agewise`);
  }

  private async runOf(id: string): Promise<Run> {
    const known = this.runs.get(id);
    if (known !== undefined) return known;
    const run = await this.queue.run(id);
    this.runs.clear();
    this.runs.set(id, run);
    return run;
  }

  private lastError = '';

  /** Logs an error unless it repeats: an unreachable server causes many a second. */
  private logError(error: Error): void {
    const text = error.message.split('\n')[0]!;
    if (text !== this.lastError) this.log(text);
    this.lastError = text;
  }

  private log(line: string): void {
    this.options.onLine?.(line);
  }
}
