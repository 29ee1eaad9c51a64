/** A child process as the server sees it: it does one task at a time, and can be ended in the middle of one. */
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { errorOf, type FromChild, type ToChild } from './protocol.js';

/** Why a worker's process ended: by itself, or for what. */
export type EndReason = 'crashed' | 'deadline' | 'memory' | 'retired' | 'closed';

/** A worker's process ended before its task did. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';

  constructor(readonly reason: EndReason) {
    super(`The worker's process ended (${reason})`);
  }
}

/** How long a process that is told to end may take. */
const MOST_END_MS = 5_000;

const KILOBYTE = 1024;

interface Running<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class Worker<Settings, Task, Answer> {
  /** Resolves once tasks can be given; rejects where the child cannot load, or ends first. */
  readonly ready: Promise<void>;
  /** Resolves with the reason once the process has ended. */
  readonly ended: Promise<EndReason>;
  /** Whether a task is under way. */
  get busy(): boolean {
    return this.running !== undefined;
  }

  private running: Running<Answer> | undefined;
  private reason: EndReason = 'crashed';
  private gone = false;
  /** As the child last said, in bytes. */
  private resident = 0;

  constructor(
    private readonly child: ChildProcess,
    settings: Settings,
  ) {
    let loaded!: Running<void>;
    this.ready = new Promise((resolve, reject) => {
      loaded = { resolve, reject };
    });
    // Whoever waits for it hears of it; nobody may.
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.gone = true;
        const lost = new WorkerLostError(this.reason);
        loaded.reject(lost);
        const { running } = this;
        this.running = undefined;
        running?.reject(lost);
        resolve(this.reason);
      };
      child.once('exit', end);
      child.once('error', () => {
        // Without a process there is no exit either.
        if (child.pid === undefined) end();
      });
    });
    child.on('message', (message: FromChild<Answer>) => {
      if (message.kind === 'loaded') loaded.resolve();
      else if (message.kind === 'not loaded') loaded.reject(errorOf(message.error));
      else this.take(message);
    });
    this.send({ kind: 'load', settings });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * @returns the child's answer
   * @throws what the child throws; WorkerLostError where its process ends
   */
  run(task: Task): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.gone) throw new WorkerLostError(this.reason);
      this.running = { resolve, reject };
      this.send({ kind: 'run', task });
    });
  }

  /** Ends the process at once, whatever it does. */
  kill(reason: EndReason): void {
    this.reason = reason;
    this.child.kill('SIGKILL');
  }

  /** Ends the process, which does nothing at the moment. */
  async end(reason: 'retired' | 'closed'): Promise<void> {
    this.reason = reason;
    this.send({ kind: 'end' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), MOST_END_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** The process's memory in bytes: now where the system tells it, else as of its last task. */
  async memory(): Promise<number> {
    if (process.platform !== 'linux' || this.pid === undefined) return this.resident;
    try {
      const status = await readFile(`/proc/${this.pid}/status`, 'latin1');
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      return kilobytes === undefined ? 0 : Number(kilobytes) * KILOBYTE;
    } catch {
      // It has ended in the meantime.
      return 0;
    }
  }

  private take(message: Extract<FromChild<Answer>, { readonly resident: number }>): void {
    const { running } = this;
    this.running = undefined;
    this.resident = message.resident;
    if (message.kind === 'done') running?.resolve(message.answer);
    else running?.reject(errorOf(message.error));
  }

  private send(message: ToChild<Settings, Task>): void {
    // A process that has just ended takes no message; that it has is heard by its exit.
    this.child.send(message, () => {});
  }
}
