/** Runs `agewise worker`. */
import { JobsWorker } from '../../jobs/index.js';
import { Console } from '../console.js';
import { EXIT } from '../usage.js';
import type { WorkerFlags } from './flags.js';

/** @returns the exit code */
export async function runWorker({ queue, threads, lockSeconds }: WorkerFlags): Promise<number> {
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
  if (why === undefined) return EXIT.done;
  await console.complain(why.message);
  return EXIT.inputsFailed;
}
