/** Runs `agewise worker`. */
import { JobsWorker } from '../../jobs/index.js';
import { Console } from '../console.js';
import { EXIT } from '../usage.js';
import type { WorkerFlags } from './flags.js';

/** Works until a signal or an error, then ends the process: BullMQ goes on trying to reach a server that is gone. */
export async function runWorker({ queue, threads, lockSeconds }: WorkerFlags): Promise<never> {
  const console = new Console();
  const worker = await JobsWorker.start(queue, {
    threads,
    lockSeconds,
    onLine: (line) => void console.note(line),
  });
  const end = () => worker.close();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  await console.note('ready');
  const why = await worker.ended;
  if (why !== undefined) await console.complain(why.message);
  process.exit(why === undefined ? EXIT.done : EXIT.inputsFailed);
}
