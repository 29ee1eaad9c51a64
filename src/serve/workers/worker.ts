/** The server's side of a child process: it runs tasks and can be killed in the middle of them. */
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { unpackError } from '../../errors/index.js';
import type { FromChild, ToChild } from './protocol.js';

/** Why a worker's process ended. */
export type EndReason = 'crashed' | 'deadline' | 'memory' | 'retired' | 'closed';

/** A worker's process ended before its task was done. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';

  /** @param tasks the number of its running tasks */
  constructor(
    readonly reason: EndReason,
    readonly tasks: number,
  ) {
    super(`The worker's process ended (${reason})`);
  }
}

/** How long a process may take to exit when asked to. */
const MOST_END_MS = 5_000;

const KILOBYTE = 1024;

interface Running<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A running task. */
export interface WorkerTask<Answer> {
  /** Rejects with the child's error, or with WorkerLostError if its process ends. */
  readonly answer: Promise<Answer>;
  /** Tells the child that the answer is not needed. */
  cancel(): void;
}

export class Worker<Settings, Task, Answer> {
  /** Resolves once the child is loaded; rejects if loading fails or the process ends first. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the process has ended. */
  readonly ended: Promise<EndReason>;
  /** The number of running tasks. */
  get load(): number {
    return this.running.size;
  }
  /** Whether it was told to end or has ended, so that it takes no more tasks. */
  get ending(): boolean {
    return this.stopping || this.gone;
  }

  private readonly running = new Map<number, Running<Answer>>();
  private nextId = 0;
  private stopping = false;
  private reason: EndReason = 'crashed';
  private gone = false;
  /** As the child last reported, in bytes. */
  private resident = 0;

  constructor(
    private readonly child: ChildProcess,
    settings: Settings,
  ) {
    let loaded!: Running<void>;
    this.ready = new Promise((resolve, reject) => {
      loaded = { resolve, reject };
    });
    // It may reject before anything awaits it.
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.gone = true;
        const lost = new WorkerLostError(this.reason, this.load);
        loaded.reject(lost);
        // In reverse, since each is put in front of the queue.
        const running = [...this.running.values()].reverse();
        this.running.clear();
        for (const { reject } of running) reject(lost);
        resolve(this.reason);
      };
      child.once('exit', end);
      child.once('error', () => {
        // A process that did not start never emits 'exit'.
        if (child.pid === undefined) end();
      });
    });
    child.on('message', (message: FromChild<Answer>) => {
      if (message.kind === 'loaded') loaded.resolve();
      else if (message.kind === 'not loaded') loaded.reject(unpackError(message.error));
      else this.take(message);
    });
    this.send({ kind: 'load', settings });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  run(task: Task): WorkerTask<Answer> {
    const id = this.nextId++;
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.gone) throw new WorkerLostError(this.reason, 1);
      this.running.set(id, { resolve, reject });
      this.send({ kind: 'run', id, task });
    });
    return { answer, cancel: () => this.send({ kind: 'cancel', id }) };
  }

  /** Kills the process. */
  kill(reason: EndReason): void {
    this.stopping = true;
    this.reason = reason;
    this.child.kill('SIGKILL');
  }

  /** Asks an idle process to exit. */
  async end(reason: 'retired' | 'closed'): Promise<void> {
    this.stopping = true;
    this.reason = reason;
    this.send({ kind: 'end' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), MOST_END_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** The process's memory in bytes: the current value on Linux, elsewhere that after its last task. */
  async memory(): Promise<number> {
    if (process.platform !== 'linux' || this.pid === undefined) return this.resident;
    try {
      const status = await readFile(`/proc/${this.pid}/status`, 'latin1');
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      return kilobytes === undefined ? 0 : Number(kilobytes) * KILOBYTE;
    } catch {
      // The process has just ended.
      return 0;
    }
  }

  private take(message: Extract<FromChild<Answer>, { readonly resident: number }>): void {
    const running = this.running.get(message.id);
    this.running.delete(message.id);
    this.resident = message.resident;
    if (message.kind === 'done') running?.resolve(message.answer);
    else running?.reject(unpackError(message.error));
  }

  private send(message: ToChild<Settings, Task>): void {
    // Sending fails if the process has just ended, which its exit event reports.
    this.child.send(message, () => {});
  }
}
