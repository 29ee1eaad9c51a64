/** Makes a run of a task and submits it to the queue. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { exists, isNotUtf8, makeFolders, writeWholeShared } from '../files/index.js';
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
  /** Whether the run existed, so that only missing jobs were added. */
  readonly resumed: boolean;
}

/** The folder beside the results in which a run keeps shards until they are joined. */
export const workFolder = (out: string): string => `${resolve(out)}.jobs`;

/**
 * Submits a task. The same task with the same output is the same run, whose finished jobs are not done again.
 * @param attempts before a failing job is set aside
 * @throws JobsError if a run of another task exists for that output
 */
export async function submit(
  queue: JobsQueue,
  out: string,
  task: Task,
  attempts: number = ATTEMPTS,
): Promise<Submitted> {
  const folder = workFolder(out);
  const file = join(folder, RUN);
  let run: Run;
  const resumed = await exists(file);
  if (resumed) {
    run = runSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    if (JSON.stringify(run.task) !== JSON.stringify(z.parse(runSchema.shape.task, task))) {
      throw new JobsError({
        subject: folder,
        expected: 'a run of the same task, to resume it',
        found: `run ${run.id} of another task; remove the folder or choose another --out`,
      });
    }
  } else {
    const submitted = new Date().toISOString();
    const key = JSON.stringify([folder, submitted, process.pid]);
    const id = createHash('sha256').update(key).digest('hex').slice(0, ID_DIGITS);
    run = { id, out: resolve(out), workFolder: folder, submitted, attempts, task };
    await makeFolders(join(folder, SHARDS));
    await writeWholeShared(file, async (partial) => {
      const handle = await open(partial, 'wx');
      await handle.writeFile(`${JSON.stringify(runSchema.parse(run), null, 2)}\n`);
      await handle.close();
    });
  }
  return { run, jobs: await queue.submit(run, jobsOf(run)), resumed };
}

/** Gives jobs that were set aside another round of attempts, and adds jobs that the queue has lost. */
export async function retry(queue: JobsQueue, id: string): Promise<void> {
  await queue.retry(id, jobsOf(await queue.run(id)));
}

/** The number of characters written at once. */
const PIECE = 2 ** 16;

/**
 * Writes the list of pictures with absolute paths into the work folder, so that it is the same for all workers even if the
 * inputs change. An existing list is kept.
 * @returns its path
 * @throws JobsError for a path that a list cannot hold
 */
export async function writeList(
  out: string,
  pictures: AsyncIterable<{ readonly file: string }>,
): Promise<string> {
  const folder = workFolder(out);
  const path = join(folder, LIST);
  if (await exists(path)) return path;
  await makeFolders(folder);
  await writeWholeShared(path, async (partial) => {
    const file = await open(partial, 'wx');
    try {
      let text = '';
      for await (const picture of pictures) {
        const absolute = resolve(picture.file);
        if (/[\r\n]/.test(absolute) || isNotUtf8(absolute)) {
          throw new JobsError({
            subject: JSON.stringify(absolute),
            expected: 'a path that fits into a line of a list',
            found: 'a line break, or bytes that are not UTF-8',
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
