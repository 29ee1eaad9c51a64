/** HTTP servers as processes: Agewise's own, as it is built, and a peer's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AbsentError, ROOT } from './paths.js';
import { BUILD } from './workers.js';

const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js');
/** Both print this when they accept requests. */
const LISTENING = /listening at (http:\/\/[\d.:]+)/i;

export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
  ) {}

  /** `agewise serve` with default settings. */
  static agewise(workers: number): Promise<ServerProcess> {
    if (!existsSync(MAIN)) throw new AbsentError('dist/cli/main.js is absent (run npm run build)');
    return ServerProcess.start([MAIN, 'serve', '--port', '0', '--workers', String(workers)]);
  }

  /** A compiled script of bench/peers that listens. */
  static peer(script: string, ...args: readonly string[]): Promise<ServerProcess> {
    return ServerProcess.start([path.join(BUILD, `${script}.js`), ...args]);
  }

  private static start(command: readonly string[]): Promise<ServerProcess> {
    const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    return new Promise((resolve, reject) => {
      let text = '';
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code}: ${text}`)));
      child.stdout!.on('data', (chunk: Buffer) => {
        // The rest of its log must be drained.
        if (text === 'started') return;
        text += chunk;
        const address = LISTENING.exec(text)?.[1];
        if (address === undefined) return;
        text = 'started';
        resolve(new ServerProcess(child, address));
      });
    });
  }

  /** Figures of `/metrics` by their names, labels included. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.address}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  }

  /** The memory in bytes of the server and of each of its child processes, pages that several share divided among them (Linux). */
  async memory(): Promise<readonly number[]> {
    const pid = this.child.pid!;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return Promise.all([pid, ...children.trim().split(' ').filter(Boolean)].map(proportionalBytes));
  }

  /** Ends the process and waits for its exit. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

async function proportionalBytes(pid: number | string): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1');
  return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(text)![1]);
}
