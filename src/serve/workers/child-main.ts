/** The frame of a child process: it loads once, then does one task after another, and ends with its parent. */
import { writeFileSync } from 'node:fs';
import { type FromChild, plainError, type ToChild } from './protocol.js';

/** What a child does. */
export interface ChildWork<Settings, Task, Answer> {
  load(settings: Settings): Promise<{
    run(task: Task): Promise<Answer>;
    end(): Promise<void>;
  }>;
}

/** Of -1000 to 1000: where memory runs out, the system ends a child before the server and most others. */
const OOM_SCORE_ADJUSTMENT = 800;

/** Runs the work that the parent asks for. */
export function runChild<Settings, Task, Answer>(work: ChildWork<Settings, Task, Answer>): void {
  // Ctrl-C reaches every process of a terminal, and a service manager may tell all of a group: the server decides.
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
    // A container may not allow it; then the system chooses by size, as it does elsewhere.
  }
}
