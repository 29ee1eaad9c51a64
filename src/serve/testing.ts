/** Helpers for tests of the server. */
import { connect } from 'node:net';
import { SETTINGS, type Settings } from './about.js';
import type { ChildAnswer, ChildTask, Done, EstimatingPool } from './workers/index.js';

/** The default settings with a test's changes. */
export const settingsWith = (changes: Partial<Settings> = {}): Settings => ({
  ...(Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { default: value }]) => [name, value]),
  ) as unknown as Settings),
  logLevel: 'silent',
  ...changes,
});

/** A log stream that collects its lines. */
export function logOf(): { lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return { lines, write: (line) => void lines.push(line) };
}

/** A stand-in for `Pool.run`. */
export type RunTasks<Task = ChildTask> = (
  tasks: readonly Task[],
  signal?: AbortSignal,
) => Promise<Done<ChildAnswer>>[];

/** A pool that answers in this process. */
export function poolOf<Task extends ChildTask>(run: RunTasks<Task>): EstimatingPool {
  const state = { ready: 1, busy: 0, waiting: 0 };
  return {
    run,
    state,
    memory: async () => 1e6,
    pids: [],
    close: async () => {},
  } as unknown as EstimatingPool;
}

/** Sends raw bytes and resolves with everything received until the connection ends. */
export function exchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    for (const piece of pieces) socket.write(piece);
  });
}
