/** Cuts what was asked for into a run, and hands it to the queue. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { exists, isNotUtf8, writeWholeShared } from '../files/index.js';
import { JobsError } from './error.js';
import type { JobsQueue } from './queue.js';
import { type Run, runSchema, type Task } from './schemas.js';
import { ATTEMPTS } from './settings.js';
import { jobsOf } from './tasks/index.js';
import { LIST, SHARDS } from './tasks/shards.js';

const RUN = 'run.json';
const ID_DIGITS = 10;

export interface Submitted {
  readonly run: Run;
  readonly jobs: number;
  /** Whether the same was submitted before, and only what it lacks was added. */
  readonly again: boolean;
}

/** Where a run keeps what is not joined yet, beside its results. */
export const workFolder = (out: string): string => `${resolve(out)}.jobs`;

/**
 * Hands a task over. The same task for the same place is the same run: what is done of it is not done again.
 * @param attempts of a job that fails, before it is set aside
 * @throws JobsError where another task is under way for that place
 */
export async function submit(
  queue: JobsQueue,
  out: string,
  task: Task,
  attempts: number = ATTEMPTS,
): Promise<Submitted> {
  const work = workFolder(out);
  const file = join(work, RUN);
  let run: Run;
  const again = await exists(file);
  if (again) {
    run = runSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    if (JSON.stringify(run.task) !== JSON.stringify(z.parse(runSchema.shape.task, task))) {
      throw new JobsError({
        subject: work,
        expected: 'the same task, which would be gone on with',
        found: `run ${run.id} of another; remove the folder, or name another --out`,
      });
    }
  } else {
    const submitted = new Date().toISOString();
    const key = JSON.stringify([work, submitted, process.pid]);
    const id = createHash('sha256').update(key).digest('hex').slice(0, ID_DIGITS);
    run = { id, out: resolve(out), work, submitted, attempts, task };
    await mkdir(join(work, SHARDS), { recursive: true });
    await writeWholeShared(file, async (partial) => {
      const handle = await open(partial, 'wx');
      await handle.writeFile(`${JSON.stringify(runSchema.parse(run), null, 2)}\n`);
      await handle.close();
    });
  }
  return { run, jobs: await queue.submit(run, jobsOf(run)), again };
}

/** Gives jobs that were set aside another round of attempts, and adds those that the queue has lost. */
export async function retry(queue: JobsQueue, id: string): Promise<void> {
  await queue.retry(id, jobsOf(await queue.run(id)));
}

/** Characters that are gathered before they are written. */
const PIECE = 2 ** 16;

/**
 * Writes the list of what is to be estimated, by absolute paths, into the work folder: so it is the same for all workers,
 * whatever becomes of the folders that it was found in. A list that is there already is kept.
 * @returns its path
 * @throws JobsError for a name that no list can hold
 */
export async function writeList(
  out: string,
  pictures: AsyncIterable<{ readonly file: string }>,
): Promise<string> {
  const work = workFolder(out);
  const path = join(work, LIST);
  if (await exists(path)) return path;
  await mkdir(work, { recursive: true });
  await writeWholeShared(path, async (partial) => {
    const file = await open(partial, 'wx');
    try {
      let text = '';
      for await (const picture of pictures) {
        const absolute = resolve(picture.file);
        if (/[\r\n]/.test(absolute) || isNotUtf8(absolute)) {
          throw new JobsError({
            subject: JSON.stringify(absolute),
            expected: 'a name that a line of a list can hold',
            found: 'a line break, or bytes that are no UTF-8',
          });
        }
        text += `${absolute}\n`;
        if (text.length < PIECE) continue;
        await file.write(text);
        text = '';
      }
      await file.write(text);
    } finally {
      await file.close();
    }
  });
  return path;
}
