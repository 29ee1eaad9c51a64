/** Runs `agewise jobs status`, `watch`, `cancel` and `retry`. */
import { type FailedJob, type JobsQueue, type RunStatus, retry as retryRun } from '../../jobs/index.js';
import { formatDuration } from '../../report/index.js';
import { Console } from '../console.js';
import { untilInterrupted } from '../interrupt.js';
import { Progress } from '../progress.js';
import { counted } from '../table.js';
import { jsonText } from '../text.js';
import { EXIT } from '../usage.js';
import type { QueueFlags } from './flags.js';
import { withQueue } from './with-queue.js';

/** @returns the exit code */
export function showStatus(id: string | undefined, flags: QueueFlags): Promise<number> {
  return withQueue(flags, async (queue) => {
    const console = new Console();
    const ids = id === undefined ? await queue.runs() : [id];
    if (ids.length === 0) await console.note('no runs');
    for (const runId of ids) {
      const status = await queue.status(runId);
      await console.print(flags.json ? jsonText(facts(status)) : summary(status));
    }
    return EXIT.done;
  });
}

/** @returns the exit code */
export const watch = (id: string, flags: QueueFlags): Promise<number> =>
  withQueue(flags, (queue) => watchRun(queue, id, new Console()));

/** @returns the exit code */
export const cancel = (id: string, flags: QueueFlags): Promise<number> =>
  withQueue(flags, async (queue) => {
    await queue.cancel(id);
    await new Console().note(
      `run ${id} is cancelled; finished shards are kept, and agewise jobs retry ${id} continues`,
    );
    return EXIT.done;
  });

/** @returns the exit code */
export const retry = (id: string, flags: QueueFlags): Promise<number> =>
  withQueue(flags, async (queue) => {
    await retryRun(queue, id);
    await new Console().print(summary(await queue.status(id)));
    return EXIT.done;
  });

/** Shows the progress until the run is over. */
export function watchRun(queue: JobsQueue, id: string, console: Console): Promise<number> {
  return untilInterrupted(async (signal) => {
    let progress: Progress | undefined;
    let last: RunStatus | undefined;
    try {
      for await (const status of queue.watch(id, signal)) {
        last = status;
        if (status.jobs === undefined) continue;
        if (progress === undefined) {
          progress = new Progress(process.stderr, status.jobs);
          progress.continueFrom(status.done);
          console.progress = progress;
        }
        const failed = status.failed.length > 0 ? `, ${status.failed.length} set aside` : '';
        progress.update(status.done, `${status.active} running${failed}`);
      }
    } finally {
      progress?.stop();
    }
    await console.print(summary(last!));
    return last!.joined ? EXIT.done : EXIT.inputsFailed;
  });
}

const facts = ({ run, ...rest }: RunStatus) => ({
  id: run.id,
  kind: run.task.kind,
  out: run.out,
  submitted: run.submitted,
  ...rest,
});

/** The number of failed jobs listed; --json has them all. */
const MOST_NAMED = 20;

function summary({ run, jobs, done, active, waiting, delayed, failed, missing, ...rest }: RunStatus): string {
  const { joined, cancelled, secondsLeft } = rest;
  const parts = [
    jobs === undefined
      ? `${done} done, and still being submitted`
      : `${done} of ${counted(jobs, 'job')} done`,
    ...(active > 0 ? [`${active} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(delayed > 0 ? [`${delayed} to be retried`] : []),
    ...(failed.length > 0 ? [`${failed.length} set aside`] : []),
    ...(missing > 0 ? [`${missing} lost by the queue (agewise jobs retry ${run.id} adds them)`] : []),
  ];
  const state = joined
    ? `joined in ${run.out}`
    : cancelled
      ? 'cancelled'
      : secondsLeft !== undefined && secondsLeft > 0 && active + waiting > 0
        ? `about ${formatDuration(secondsLeft)} left`
        : undefined;
  const lines = failed.slice(0, MOST_NAMED).map(failedLine);
  if (failed.length > MOST_NAMED)
    lines.push(`  … and ${failed.length - MOST_NAMED} more; --json lists them all\n`);
  return `${run.id}  ${run.task.kind}  ${[...parts, ...(state ? [state] : [])].join(', ')}\n${lines.join('')}`;
}

const failedLine = ({ number, error, attempts }: FailedJob): string =>
  `  ${number === null ? 'the join' : `job ${number}`}, ${counted(attempts, 'attempt')}: ${error}\n`;
