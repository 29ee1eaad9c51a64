/** Submits a task and reports it; with --watch shows its progress. */
import { type JobsQueue, keepsFile, submit, type Task } from '../../jobs/index.js';
import { Console } from '../console.js';
import { counted } from '../table.js';
import { EXIT } from '../usage.js';
import type { SubmitFlags } from './flags.js';
import { watchRun } from './run-runs.js';
import { withQueue } from './with-queue.js';

/** @param task made once the queue is known to answer, since that may take long */
export function submitted(flags: SubmitFlags, task: () => Promise<Task>): Promise<number> {
  return withQueue(flags, async (queue) => {
    const console = new Console();
    const { run, jobs, resumed } = await submit(queue, flags.out, await task(), flags.attempts);
    await console.note(`run ${run.id}${resumed ? ' (resumed)' : ''}: ${counted(jobs, 'job')} in the queue`);
    await warn(queue, console);
    if (flags.watch) return watchRun(queue, run.id, console);
    await console.note(`agewise jobs watch ${run.id} shows its progress`);
    return EXIT.done;
  });
}

async function warn({ redis }: JobsQueue, console: Console): Promise<void> {
  if (!(await keepsFile(redis)))
    await console.note(
      'this Redis server has no append-only file: if it restarts, run agewise jobs retry to add lost jobs',
    );
}
