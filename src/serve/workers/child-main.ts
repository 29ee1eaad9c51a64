/** The main loop of a child process: it loads once, runs one task after another, and exits with its parent. */
import { writeFileSync } from 'node:fs';
import { type FromChild, plainError, type ToChild } from './protocol.js';

/** The work of a child process. */
export interface ChildWork<Settings, Task, Answer> {
  load(settings: Settings): Promise<{
    run(task: Task): Promise<Answer>;
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
  const answer = (message: FromChild<Answer>) => process.send!(message);
  process.on('message', async (message: ToChild<Settings, Task>) => {
    switch (message.kind) {
      case 'load':
        try {
          loaded = await work.load(message.settings);
          answer({ kind: 'loaded' });
        } catch (error) {
          answer({ kind: 'not loaded', error: plainError(error) });
        }
        break;
      case 'run':
        try {
          const done = await loaded!.run(message.task);
          answer({ kind: 'done', answer: done, resident: process.memoryUsage.rss() });
        } catch (error) {
          answer({ kind: 'failed', error: plainError(error), resident: process.memoryUsage.rss() });
        }
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
