/** The built command in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

export const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** What standard input holds. Default: nothing. */
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

export function start(args: readonly string[], { cwd, env }: RunOptions): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env } });
}

/** Waits for the end. */
export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, ...text };
}

export function agewise(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = start(args, options);
  // The command need not read its input.
  child.stdin.on('error', () => {}).end(options.input ?? '');
  return outcome(child);
}
