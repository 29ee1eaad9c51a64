/** The kinds of tasks, each loaded on demand. */
import type { Job, Run, RunOf, Task } from '../schemas.js';
import type { JobContext, TaskKind } from './context.js';

const KINDS: { readonly [Kind in Task['kind']]: () => Promise<TaskKind<Kind>> } = {
  estimate: async () => (await import('./estimate.js')).estimateTask,
  evaluate: async () => (await import('./evaluate.js')).evaluateTask,
  train: async () => (await import('./train.js')).trainTask,
};

/** The implementation of a run's kind of task. */
async function kindOf<Kind extends Task['kind']>(run: RunOf<Kind>): Promise<TaskKind<Kind>> {
  return KINDS[run.task.kind as Kind]() as Promise<TaskKind<Kind>>;
}

export async function* jobsOf(run: Run): AsyncGenerator<Job> {
  yield* (await kindOf(run as RunOf<Task['kind']>)).jobs(run as never);
}

export async function runJob(run: Run, job: Job & { number: number }, context: JobContext): Promise<void> {
  await (await kindOf(run as RunOf<Task['kind']>)).runJob(run as never, job, context);
}

export async function joinRun(run: Run, context: JobContext): Promise<void> {
  await (await kindOf(run as RunOf<Task['kind']>)).join(run as never, context);
}
