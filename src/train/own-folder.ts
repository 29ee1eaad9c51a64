/** A run's folder belongs to one process at a time, and is left as it was if a run does not get going. */
import { rmSync } from 'node:fs';
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { exists, makeFolders, reasonOf, takeLock } from '../files/index.js';
import { isRun } from './log/index.js';
import type { StepReport } from './loop.js';
import type { TrainOptions } from './train-options.js';
import { TrainingError } from './training-error.js';

const LOCK = 'run.lock';
/** There from the beginning of a start to its first update, so that what a killed process leaves of it is known. */
const BEGUN = 'run.begun';

/** Milliseconds that a killed run has to end. Training runs in a child process, which ends a moment after its parent. */
const PATIENCE = 5000;

/** Between two looks at a folder that another process has for a moment. */
const PAUSE = 100;

/**
 * Runs work in a folder with a lock against other processes, creating it if needed. A created folder that is empty at
 * the end is removed.
 * @param wait milliseconds that another process, on any machine, is given to leave the folder
 * @throws TrainingError that names the process working there, or if the folder cannot be created.
 */
export async function inOwnFolder<T>(folder: string, work: () => Promise<T>, wait = 0): Promise<T> {
  const end = performance.now() + wait;
  for (;;) {
    try {
      return await inFreeFolder(folder, work);
    } catch (error) {
      if (!(error instanceof HeldFolderError) || performance.now() >= end) throw error;
      await setTimeout(PAUSE);
    }
  }
}

class HeldFolderError extends TrainingError {}

async function inFreeFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, LOCK);
  let made: string | undefined;
  let release: () => Promise<void>;
  try {
    made = await makeFolders(folder);
    release = await takeLock(
      lock,
      ({ pid, host, since }) =>
        new HeldFolderError(
          `Folder '${folder}' is in use by process ${pid} on ${host} since ${since}; if that is wrong, remove '${lock}'`,
          { kind: 'usage' },
        ),
      PATIENCE,
    );
  } catch (error) {
    if (error instanceof TrainingError) throw error;
    throw new TrainingError(`Folder '${folder}' cannot be made or written to: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  try {
    return await work();
  } finally {
    await release();
    if (made !== undefined) await rmdir(folder).catch(() => {});
  }
}

/** A folder's content, except for the lock. */
async function contentOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== LOCK);
}

/** @throws TrainingError if there is anything in the folder. */
export async function mustBeEmpty(folder: string): Promise<void> {
  const [name] = await contentOf(folder);
  if (name === undefined) return;
  throw new TrainingError(
    `Folder '${folder}' must be new or empty, ` +
      ((await isRun(folder))
        ? `found a run; agewise train --resume ${folder} continues it`
        : `found '${name}' in it`),
    { kind: 'usage' },
  );
}

/**
 * Starts a run in an empty folder, or one with a part of a run whose start was killed before it could be resumed. If that
 * fails before the first update, the folder is emptied again.
 * @param fill called with the options, extended to detect the first update
 */
export async function fillEmptyFolder<T>(
  folder: string,
  options: TrainOptions,
  fill: (options: TrainOptions) => Promise<T>,
): Promise<T> {
  const begun = join(folder, BEGUN);
  if ((await exists(begun)) && !(await isRun(folder))) await emptyFolder(folder);
  await mustBeEmpty(folder);
  await writeFile(begun, '');
  let updated = false;
  const onStep = (report: StepReport) => {
    if (!updated) rmSync(begun, { force: true });
    updated = true;
    options.onStep?.(report);
  };
  try {
    return await fill({ ...options, onStep });
  } catch (error) {
    if (!updated) await emptyFolder(folder);
    throw error;
  } finally {
    await rm(begun, { force: true });
  }
}

/** Empties a folder, except for the lock. */
export async function emptyFolder(folder: string): Promise<void> {
  const paths = (await contentOf(folder)).map((name) => join(folder, name));
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}
