/** Whether a machine is quiet enough for its timings to mean something. */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';

const SECONDS = 3;
/** The share of all cores that others may take. */
const QUIET = 0.05;

/** Prints what share of the processors others use, and that figures count for little if it is more than a twentieth. */
export async function warnIfBusy(): Promise<void> {
  const before = cpuTimes();
  await setTimeout(1000 * SECONDS);
  const after = cpuTimes();
  const share = 1 - (after.idle - before.idle) / (after.all - before.all);
  const percent = `${(100 * share).toFixed(0)}%`;
  console.log(
    share <= QUIET
      ? `The machine is quiet: others use ${percent} of its ${os.cpus().length} cores.\n`
      : `THE MACHINE IS BUSY: others use ${percent} of its ${os.cpus().length} cores. These timings must not be quoted.\n`,
  );
}

function cpuTimes(): { readonly idle: number; readonly all: number } {
  const times = os.cpus().map((cpu) => cpu.times);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((one) => Object.values(one))) };
}
