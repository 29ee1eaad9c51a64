/** Pauses the training of the models that ship while a benchmark measures (scripts/models/train-shipped.sh). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const RUNS = process.env.RUNS ?? join(import.meta.dirname, '../../../runs');

/** Stops the training, if one runs, and continues it when this process ends in any way. */
export function pauseTraining(): void {
  const pids = trainingProcesses();
  if (pids.length === 0) return;
  const send = (signal: NodeJS.Signals) => {
    for (const pid of pids) process.kill(pid, signal);
  };
  send('SIGSTOP');
  console.error('The training of models is paused.');
  process.once('exit', () => send('SIGCONT'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1));
  }
}

/** The training and the process that it has started itself again as. */
function trainingProcesses(): number[] {
  let pid: string;
  try {
    pid = readFileSync(join(RUNS, 'train.pid'), 'utf8').trim();
  } catch {
    return [];
  }
  try {
    const all = execFileSync('ps', ['-o', 'pid=', '--pid', pid, '--ppid', pid], { encoding: 'utf8' });
    return all.trim().split(/\s+/).map(Number);
  } catch {
    // The process has ended.
    return [];
  }
}
