/** Training with a job for each member or fold. Members become one model, folds one document of figures. */
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, writeWholeFile, writeWholeShared } from '../../files/index.js';
import { writeModelFile } from '../../onnx/file.js';
import {
  checkRecipe,
  exportRuns,
  isRun,
  type RecipeDocument,
  resume,
  summarizeRuns,
  train,
} from '../../train/index.js';
import { JobsError } from '../error.js';
import type { TaskKind } from './context.js';

export const MODEL = 'model.onnx';
export const FOLDS = 'folds.json';

/** Separates a run's name from its worker's random id while it is trained. */
const AT = '.at-';

export const trainTask: TaskKind<'train'> = {
  async *jobs({ id, task }) {
    for (let number = 0; number < task.runs.length; number++) yield { run: id, number };
  },

  async runJob({ out, task }, { number }, { signal, threads }) {
    const { name, recipe: document } = task.runs[number]!;
    const folder = join(out, name);
    if (await exists(folder)) return;
    const own = await ownFolder(out, name);
    const options = { device: task.device, threads, signal };
    const [outcome] = (await isRun(own))
      ? await resume(own, { ...options, folders: task.stores })
      : await train(checkRecipe(document as RecipeDocument, name), own, task.stores, options);
    signal.throwIfAborted();
    if (!outcome?.done) {
      const problem = 'its training did not finish';
      throw new JobsError({ subject: folder, problem }, { kind: 'failed' });
    }
    await rename(own, folder).catch(async (error: unknown) => {
      // Another worker finished the same job first; its run is the same.
      if (!(await exists(folder))) throw error;
      await rm(own, { recursive: true, force: true });
    });
  },

  async join({ out, task }) {
    const folders = task.runs.map(({ name }) => join(out, name));
    if (task.of === 'members') {
      const { model } = await exportRuns(folders);
      await writeWholeShared(join(out, MODEL), (partial) => writeModelFile(partial, model));
      return;
    }
    const runs = (await Promise.all(folders.map(summarizeRuns))).flatMap((found) => found.runs);
    await writeWholeFile(join(out, FOLDS), `${JSON.stringify(foldsOf(runs), null, 2)}\n`);
  },
};

/**
 * The folder in which only this worker trains a run: a new one, or the renamed one of the worker that lost the job. If that
 * worker still runs, it fails when it writes to the old name.
 */
async function ownFolder(out: string, name: string): Promise<string> {
  const own = join(out, `${name}${AT}${randomUUID().slice(0, 8)}`);
  for (const left of await readdir(out)) {
    if (!left.startsWith(`${name}${AT}`)) continue;
    try {
      await rename(join(out, left), own);
    } catch {
      // Another worker has renamed it first.
      continue;
    }
    await rm(join(own, LOCK), { force: true });
    if (await isRun(own)) return own;
    await rm(own, { recursive: true, force: true });
  }
  return own;
}

/** The lock of the process that trained there before. */
const LOCK = 'run.lock';

type Summaries = Awaited<ReturnType<typeof summarizeRuns>>['runs'];

/** The best figures of each fold, and their mean and standard deviation over the folds. */
function foldsOf(runs: Summaries) {
  const folds = runs.map(({ name, best }) => ({ name, epoch: best?.epoch, figures: best?.figures ?? {} }));
  const names = [...new Set(folds.flatMap(({ figures }) => Object.keys(figures)))];
  const over = names.map((name) => {
    const values = folds.flatMap(({ figures }) => (figures as Record<string, number>)[name] ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return [name, { mean, std: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null }];
  });
  return { folds, figures: Object.fromEntries(over) };
}
