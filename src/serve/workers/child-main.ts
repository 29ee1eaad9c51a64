/** The main loop of a child process: it loads once, runs the tasks that it is given, and exits with its parent. */
import { writeFileSync } from 'node:fs';
import { packError } from '../../errors/index.js';
import type { FromChild, ToChild } from './protocol.js';

/** The work of a child process. */
export interface ChildWork<Settings, Task, Answer> {
  load(settings: Settings): Promise<{
    /** @param signal aborted if the answer is not needed any more */
    run(task: Task, signal: AbortSignal): Promise<Answer>;
    end(): Promise<void>;
  }>;
}

/** In -1000..1000: if memory runs out, the system kills children before the server and most other processes. */
const OOM_SCORE_ADJUSTMENT = 800;

/** Runs tasks from the parent. */
export function runChild<Settings, Task, Answer>(work: ChildWork<Settings, Task, Answer>): void {
  // Ctrl-C and service managers signal the whole process group, but the server decides when a child exits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit());
  if (process.platform === 'linux') endFirst();

  let loaded: Awaited<ReturnType<typeof work.load>> | undefined;
  const underWay = new Map<number, AbortController>();
  const answer = (message: FromChild<Answer>) => process.send!(message);
  process.on('message', async (message: ToChild<Settings, Task>) => {
    switch (message.kind) {
      case 'load':
        try {
          loaded = await work.load(message.settings);
          answer({ kind: 'loaded' });
        } catch (error) {
          answer({ kind: 'not loaded', error: packError(error) });
        }
        break;
      case 'run': {
        const { id, task } = message;
        const stop = new AbortController();
        underWay.set(id, stop);
        try {
          const done = await loaded!.run(task, stop.signal);
          answer({ kind: 'done', id, answer: done, resident: process.memoryUsage.rss() });
        } catch (error) {
          answer({ kind: 'failed', id, error: packError(error), resident: process.memoryUsage.rss() });
        } finally {
          underWay.delete(id);
        }
        break;
      }
      case 'cancel':
        underWay.get(message.id)?.abort();
        break;
      case 'end':
        await loaded?.end();
        process.disconnect();
    }
  });
}

function endFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(OOM_SCORE_ADJUSTMENT));
  } catch {
    // A container may forbid it; the system then chooses by size, as usual.
  }
}
