/** Summaries of runs, to compare them: settings, progress and best figures, read from their folders. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AgewiseError } from '../errors/index.js';
import { reasonOf } from '../files/index.js';
import type { Figures } from '../metrics/index.js';
import { bestOf, type EpochEntry, isRun, LogError, readHistory, readRunFacts } from './log/index.js';
import { memberFolder } from './run-folder.js';

export interface RunSummary {
  /** The folder's name; for a member, after its ensemble's: `first/member-1`. */
  readonly name: string;
  readonly folder: string;
  readonly recipe: string;
  /** The network's name, or the file of its backbone. */
  readonly network: string;
  /** The ids of the stores. */
  readonly data: readonly string[];
  readonly seed: number;
  /** When the run was started, in ISO 8601. */
  readonly started: string;
  /** Finished epochs, and the maximum number. */
  readonly epochs: number;
  readonly plannedEpochs: number;
  readonly updates: number;
  /** Training time, without interruptions. */
  readonly seconds: number;
  /** The epoch of the best weights and their figures on the validation part; null before the first evaluation. */
  readonly best: { readonly epoch: number; readonly figures: Figures } | null;
}

export interface SummedUpRuns {
  readonly runs: readonly RunSummary[];
  /** A sentence about each run that cannot be read. */
  readonly problems: readonly string[];
}

/**
 * The runs of a folder, by name: the folder itself, or the runs inside it, with each started member of an ensemble as a
 * separate run.
 * @throws LogError if the folder cannot be read or holds no run.
 */
export async function summarizeRuns(folder: string): Promise<SummedUpRuns> {
  const found = (await isRun(folder))
    ? [{ name: basename(resolve(folder)), folder }]
    : await runsInside(folder);
  const runs: RunSummary[] = [];
  const problems: string[] = [];
  for (const run of found) {
    try {
      for (const each of await members(run)) runs.push(await summary(each));
    } catch (error) {
      if (!(error instanceof AgewiseError)) throw error;
      problems.push(error.message.split('\n')[0]!);
    }
  }
  return { runs, problems };
}

interface Found {
  readonly name: string;
  readonly folder: string;
}

async function runsInside(folder: string): Promise<Found[]> {
  const names = await readdir(folder).catch((error) => {
    throw new LogError(`Folder '${folder}' cannot be read: ${reasonOf(error)}`, { cause: error });
  });
  const order = new Intl.Collator('en', { numeric: true }).compare;
  const found: Found[] = [];
  for (const name of names.sort(order)) {
    const inner = join(folder, name);
    const isFolder = (await stat(inner).catch(() => undefined))?.isDirectory();
    if (isFolder && (await isRun(inner))) found.push({ name, folder: inner });
  }
  if (found.length > 0) return found;
  throw new LogError(`Folder '${folder}' is expected to hold runs of agewise train, found none`);
}

/** The started members, or the run itself if there are none. */
async function members(run: Found): Promise<Found[]> {
  const { recipe } = await readRunFacts(run.folder);
  if (recipe.members === 1) return [run];
  const found: Found[] = [];
  for (let member = 1; member <= recipe.members; member++) {
    const folder = memberFolder(run.folder, member);
    if (await isRun(folder)) found.push({ name: `${run.name}/${basename(folder)}`, folder });
  }
  return found.length > 0 ? found : [run];
}

async function summary({ name, folder }: Found): Promise<RunSummary> {
  const [facts, history] = await Promise.all([readRunFacts(folder), readHistory(folder)]);
  const { recipe, stores, seed, starts } = facts;
  const epochs = history.filter((entry): entry is EpochEntry => entry.kind === 'epoch');
  const best = bestOf(epochs);
  return {
    name,
    folder,
    recipe: recipe.name,
    network: recipe.network.name ?? recipe.network.backbone ?? '',
    data: [...new Set(stores.map(({ id }) => id))],
    seed,
    started: starts[0].date,
    epochs: epochs.at(-1)?.epoch ?? 0,
    plannedEpochs: recipe.stages.reduce((sum, stage) => sum + stage.epochs, 0),
    updates: history.at(-1)?.step ?? 0,
    seconds: epochs.at(-1)?.seconds ?? 0,
    best: best?.validation ? { epoch: best.epoch, figures: best.validation } : null,
  };
}
