/**
 * Child processes with a few tasks each, behind a bounded queue. A process that takes too long or too much memory is killed,
 * and every process that ends is replaced. Tasks that shared a process when it ended are retried, each alone in a process, so
 * that a task is refused only for what it did alone.
 */
import type { ChildProcess } from 'node:child_process';
import { RefusalError } from './error.js';
import { type EndReason, Worker, WorkerLostError } from './worker.js';

export interface PoolOptions<Settings> {
  /** Starts a child process (see `runChild`). */
  readonly start: () => ChildProcess;
  /** The settings that each child loads. */
  readonly settings: Settings;
  /** The number of processes. */
  readonly workers: number;
  /** The number of tasks that a process has at once, so that the next are ready when one is done. */
  readonly atOnce: number;
  /** The number of tasks that may wait. */
  readonly queue: number;
  /** The time limit of a task in its process, in ms; n times that for the n-th of several. */
  readonly taskMs: number;
  /** The memory limit of a process, in bytes. */
  readonly memory: number;
  /** Called for each process that ends, except those that `close` ends. */
  readonly onLost?: (reason: EndReason | 'not loaded', error?: Error) => void;
}

export interface Done<Answer> {
  readonly answer: Answer;
  /** Its waiting and its processing time, in ms. */
  readonly waited: number;
  readonly worked: number;
}

export interface PoolState {
  /** The number of loaded processes, and of those that have a task. */
  readonly ready: number;
  readonly busy: number;
  /** The number of tasks that wait. */
  readonly waiting: number;
}

/** A task may have killed its process, so it is retried only once. */
const MOST_ATTEMPTS = 2;

/** The interval between checks of memory, in ms. */
const WATCH_MS = 250;

/** A process that fails to load is restarted after a pause in ms, which doubles up to a maximum. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

interface Entry<Task, Answer> {
  readonly task: Task;
  readonly since: number;
  readonly resolve: (done: Done<Answer>) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
  /** Whether it needs a process without other tasks. */
  alone: boolean;
  /** Whether it was cancelled. */
  cancelled: boolean;
  /** Cancels it in its process. */
  cancelRunning: (() => void) | undefined;
}

export class Pool<Settings, Task, Answer> {
  /** All processes that have not ended. */
  private readonly workers = new Set<Worker<Settings, Task, Answer>>();
  /** Those with a task that needs a process to itself. */
  private readonly reserved = new Set<Worker<Settings, Task, Answer>>();
  private readonly waiting: Entry<Task, Answer>[] = [];
  private readonly loaded = new Set<Worker<Settings, Task, Answer>>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private readonly watch: NodeJS.Timeout;
  private failures = 0;
  private closing: Promise<void> | undefined;
  private drained: (() => void) | undefined;

  private constructor(private readonly options: PoolOptions<Settings>) {
    this.watch = setInterval(() => void this.checkMemory(), WATCH_MS);
    this.watch.unref();
  }

  /**
   * Starts the processes and waits until all are loaded.
   * @throws the error of the first that fails to load
   */
  static async start<Settings, Task, Answer>(
    options: PoolOptions<Settings>,
  ): Promise<Pool<Settings, Task, Answer>> {
    const pool = new Pool<Settings, Task, Answer>(options);
    try {
      // If the first cannot load, none can: the error is reported once.
      await pool.add().ready;
      await Promise.all(Array.from({ length: options.workers - 1 }, () => pool.add().ready));
      return pool;
    } catch (error) {
      await pool.close(0);
      throw error;
    }
  }

  get state(): PoolState {
    return {
      ready: this.loaded.size,
      busy: [...this.loaded].filter(({ load }) => load > 0).length,
      waiting: this.waiting.length,
    };
  }

  /** The memory of all processes, in bytes. */
  async memory(): Promise<number> {
    const each = await Promise.all([...this.workers].map((worker) => worker.memory()));
    return each.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The processes' ids. */
  get pids(): number[] {
    return [...this.workers].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Runs tasks; either all are accepted or none.
   * @param signal if aborted, waiting tasks are not started, and all reject with its reason
   * @returns a promise for each task, which rejects with the child's error or a RefusalError
   * @throws RefusalError if there is no room for all, or the pool is closing
   */
  run(tasks: readonly Task[], signal?: AbortSignal): Promise<Done<Answer>>[] {
    if (this.closing !== undefined) throw new RefusalError('closing');
    const free = [...this.loaded].reduce((sum, worker) => sum + this.roomOf(worker), 0);
    const room = free + this.options.queue - this.waiting.length;
    if (tasks.length > room) throw new RefusalError('full');
    const since = performance.now();
    const entries: Entry<Task, Answer>[] = [];
    const all = tasks.map(
      (task) =>
        new Promise<Done<Answer>>((resolve, reject) => {
          const state = { attempts: 0, alone: false, cancelled: false, cancelRunning: undefined };
          entries.push({ task, since, resolve, reject, ...state });
        }),
    );
    const cancel = () => {
      for (const entry of entries) this.cancel(entry, signal!.reason);
    };
    if (signal?.aborted) cancel();
    else {
      this.waiting.push(...entries);
      signal?.addEventListener('abort', cancel, { once: true });
    }
    this.dispatch();
    return all;
  }

  /**
   * Accepts no more tasks, finishes those accepted, and ends the processes.
   * @param graceMs the time limit, after which tasks reject and their processes are killed
   */
  close(graceMs: number): Promise<void> {
    this.closing ??= this.end(graceMs);
    return this.closing;
  }

  private async end(graceMs: number): Promise<void> {
    // `closing` is set only after this function's first await.
    await Promise.resolve();
    const empty = () => this.waiting.length === 0 && this.state.busy === 0;
    if (!empty() && graceMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.drained = () => {
          if (!empty()) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    clearInterval(this.watch);
    for (const pause of this.pauses) clearTimeout(pause);
    for (const { reject } of this.waiting.splice(0)) reject(new RefusalError('closing'));
    await Promise.all(
      [...this.workers].map((worker) => {
        if (worker.load === 0 && this.loaded.has(worker)) return worker.end('closed');
        worker.kill('closed');
        return worker.ended;
      }),
    );
  }

  private add(): Worker<Settings, Task, Answer> {
    const worker = new Worker<Settings, Task, Answer>(this.options.start(), this.options.settings);
    this.workers.add(worker);
    let problem: Error | undefined;
    worker.ready.then(
      () => {
        this.failures = 0;
        this.loaded.add(worker);
        this.next();
      },
      (error: Error) => {
        problem = error;
        worker.kill('crashed');
      },
    );
    void worker.ended.then((reason) => this.replace(worker, reason, problem));
    return worker;
  }

  private replace(
    worker: Worker<Settings, Task, Answer>,
    reason: EndReason,
    problem: Error | undefined,
  ): void {
    this.workers.delete(worker);
    const wasLoaded = this.loaded.delete(worker);
    if (this.closing !== undefined && this.waiting.length === 0) return;
    if (wasLoaded) {
      this.options.onLost?.(reason);
      this.add();
      return;
    }
    this.options.onLost?.('not loaded', problem);
    const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      this.add();
    }, wait);
    this.pauses.add(pause);
  }

  /** Starts waiting tasks that can run now, and notices if all tasks are done. */
  private next(): void {
    this.dispatch();
    this.drained?.();
  }

  private dispatch(): void {
    for (let entry = this.waiting[0]; entry !== undefined; entry = this.waiting[0]) {
      const worker = this.freest();
      // A task that needs a process to itself waits for an idle one, and others wait behind it.
      if (worker === undefined || (entry.alone && worker.load > 0)) return;
      this.waiting.shift();
      void this.work(worker, entry);
    }
  }

  /** The process with the fewest tasks among those that can take another one. */
  private freest(): Worker<Settings, Task, Answer> | undefined {
    let freest: Worker<Settings, Task, Answer> | undefined;
    for (const worker of this.loaded) {
      if (this.roomOf(worker) > 0 && (freest === undefined || worker.load < freest.load)) freest = worker;
    }
    return freest;
  }

  private roomOf(worker: Worker<Settings, Task, Answer>): number {
    return worker.ending || this.reserved.has(worker) ? 0 : this.options.atOnce - worker.load;
  }

  private async work(worker: Worker<Settings, Task, Answer>, entry: Entry<Task, Answer>): Promise<void> {
    entry.attempts++;
    if (entry.alone) this.reserved.add(worker);
    const start = performance.now();
    const { answer, cancel } = worker.run(entry.task);
    entry.cancelRunning = cancel;
    const deadline = setTimeout(() => worker.kill('deadline'), worker.load * this.options.taskMs);
    try {
      const found = await answer;
      const end = performance.now();
      entry.resolve({ answer: found, waited: start - entry.since, worked: end - start });
    } catch (error) {
      if (error instanceof WorkerLostError) this.lost(entry, error);
      else entry.reject(error);
    } finally {
      clearTimeout(deadline);
      entry.cancelRunning = undefined;
      if (entry.alone) this.reserved.delete(worker);
    }
    this.next();
  }

  private lost(entry: Entry<Task, Answer>, { reason, tasks }: WorkerLostError): void {
    if (reason === 'closed') entry.reject(new RefusalError('closing'));
    else if (tasks === 1 && (reason === 'deadline' || reason === 'memory')) {
      entry.reject(new RefusalError(reason));
    } else if (entry.attempts >= MOST_ATTEMPTS) entry.reject(new RefusalError('died'));
    else if (!entry.cancelled) {
      entry.alone = true;
      this.waiting.unshift(entry);
    }
  }

  private cancel(entry: Entry<Task, Answer>, reason: unknown): void {
    entry.cancelled = true;
    entry.cancelRunning?.();
    const at = this.waiting.indexOf(entry);
    if (at >= 0) this.waiting.splice(at, 1);
    entry.reject(reason);
    this.next();
  }

  private async checkMemory(): Promise<void> {
    for (const worker of [...this.loaded]) {
      if ((await worker.memory()) <= this.options.memory || !this.loaded.has(worker)) continue;
      if (worker.ending) continue;
      if (worker.load > 0) worker.kill('memory');
      // An idle process that needs so much memory has leaked it.
      else void worker.end('retired');
    }
  }
}
