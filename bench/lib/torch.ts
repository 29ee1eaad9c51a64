/** Training steps in PyTorch, in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchNetwork } from './networks.js';
import { ROOT } from './paths.js';

/** Debian's python3-torch belongs to Debian's Python. */
const PYTHON = '/usr/bin/python3';

/** Whether PyTorch is installed (scripts/debian.sh does it). */
export const hasTorch = (): boolean => spawnSync(PYTHON, ['-c', 'import torch, torchvision']).status === 0;

export class TorchTrainer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    readonly version: string,
  ) {}

  static async start(network: BenchNetwork, classes: number, threads: number): Promise<TorchTrainer> {
    const numbers = [network.batch, network.size, classes, threads].map(String);
    const child = spawn(PYTHON, [path.join(ROOT, 'bench', 'torch', 'step.py'), network.name, ...numbers], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`PyTorch ended before ${network.name} was ready`);
    return new TorchTrainer(child, lines, first.value.split(' ')[1] ?? '');
  }

  /** One step; gives its milliseconds. */
  async step(): Promise<number> {
    this.process.stdin!.write('\n');
    const line = await this.lines.next();
    if (line.done) throw new Error('PyTorch ended in the middle of a step');
    return Number(line.value);
  }

  stop(): void {
    this.process.stdin!.end();
  }
}
