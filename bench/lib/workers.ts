/** Processes with one peer each. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { Reply, Request } from '../peers/worker.js';
import { ROOT } from './paths.js';

const SOURCES = path.join(ROOT, 'bench', 'peers');
/** Inside node_modules, so that packages are found from there and git leaves it alone. */
export const BUILD = path.join(ROOT, 'node_modules', '.cache', 'agewise-bench');

/** Which file under bench/peers, and its arguments. */
export interface WorkerCommand {
  readonly script: string;
  readonly arguments?: readonly string[];
  /** The checkout that it works in; this one if left out. */
  readonly folder?: string;
  /** Variables added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

type Answer<K extends Reply['kind']> = Extract<Reply, { kind: K }>;

/**
 * Compiles the workers to JavaScript: a process that compiles TypeScript as it loads would start later, and
 * need more memory, than a user's.
 */
export function buildWorkers(): void {
  mkdirSync(BUILD, { recursive: true });
  writeFileSync(path.join(BUILD, 'package.json'), '{"type":"module"}\n');
  buildSync({
    entryPoints: readdirSync(SOURCES).map((name) => path.join(SOURCES, name)),
    outdir: BUILD,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'esm',
  });
}

export class Worker {
  private constructor(private readonly process: ChildProcess) {}

  /** Starts the process, asks for the first estimate and returns with how long both took together. */
  static async start(
    command: WorkerCommand,
    files: readonly string[],
  ): Promise<{ worker: Worker; milliseconds: number }> {
    const start = performance.now();
    const worker = new Worker(
      fork(path.join(BUILD, `${command.script}.js`), command.arguments ?? [], {
        cwd: command.folder ?? ROOT,
        // Peers print notes of their own; this process's execArgv would bring its loader of TypeScript along.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        execArgv: [],
        env: { ...withoutLoader(process.env), ...command.environment },
      }),
    );
    try {
      await worker.estimate(files);
    } catch (error) {
      worker.kill();
      throw error;
    }
    return { worker, milliseconds: performance.now() - start };
  }

  estimate(files: readonly string[]): Promise<Answer<'estimated'>> {
    return this.ask({ kind: 'estimate', files }, 'estimated');
  }

  /** The bare network executions for the files, one after another. */
  floor(files: readonly string[]): Promise<Answer<'floor'>> {
    return this.ask({ kind: 'floor', files }, 'floor');
  }

  /** What the peer is, and its peak memory and processor time so far. */
  describe(): Promise<Answer<'described'>> {
    return this.ask({ kind: 'describe' }, 'described');
  }

  /** Ends the process. */
  kill(): void {
    this.process.kill();
  }

  private ask<K extends Reply['kind']>(request: Request, kind: K): Promise<Answer<K>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the worker ended with code ${code}`));
      this.process.once('exit', onExit);
      this.process.once('message', (reply: Reply) => {
        this.process.off('exit', onExit);
        if (reply.kind === kind) resolve(reply as Answer<K>);
        else reject(new Error(reply.kind === 'failed' ? reply.message : `unexpected reply "${reply.kind}"`));
      });
      this.process.send(request);
    });
  }
}

/** tsx passes itself on to child processes in this variable. */
function withoutLoader({ NODE_OPTIONS, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}
