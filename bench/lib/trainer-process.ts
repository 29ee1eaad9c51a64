/** Trainers in separate processes, so that each one's peak memory can be measured. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Ready, Step } from '../trainers/serve.js';
import { ROOT } from './paths.js';

export interface TrainerCommand {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class TrainerProcess {
  /** All so far. */
  readonly steps: Step[] = [];

  private constructor(
    readonly name: string,
    /** What trains, in words. */
    readonly description: string,
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** Starts the process, waits until it is ready, and stops it until its first step. */
  static async start(trainer: TrainerCommand): Promise<TrainerProcess> {
    const child = spawn(trainer.command, trainer.arguments, {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...trainer.environment },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { description } = await readAnswer<Ready>(trainer.name, lines);
    child.kill('SIGSTOP');
    return new TrainerProcess(trainer.name, description, child, lines);
  }

  /**
   * One step. Between its turns the process is stopped by a signal: threads that wait awake for their next piece of
   * work, as those of ONNX Runtime and of OpenMP do, would otherwise take a rival's time.
   */
  async step(): Promise<void> {
    this.process.kill('SIGCONT');
    this.process.stdin!.write('\n');
    this.steps.push(await readAnswer<Step>(this.name, this.lines));
    this.process.kill('SIGSTOP');
  }

  /** The peak memory of the process so far, in bytes; undefined if the system does not report it. */
  peakBytes(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)![1]) * 1024;
    } catch {
      return undefined;
    }
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}

async function readAnswer<T>(name: string, lines: AsyncIterator<string>): Promise<T> {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${name} ended before it answered`);
  return JSON.parse(value) as T;
}
