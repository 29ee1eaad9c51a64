/** `--data` of commands that measure: a store, a known data set, a CSV file, or folders named by age. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readerOf, recogniseSet } from '../data/index.js';
import { datasetPictures, type LabelledPictures, storePictures } from '../evaluate/index.js';
import { exists, isAddress, NOT_DOWNLOADED } from '../files/index.js';
import { UsageError } from './usage.js';

export interface LabelledDataFlags {
  readonly split?: string | undefined;
  readonly part?: string | undefined;
  readonly set?: string | undefined;
  readonly option?: Readonly<Record<string, string>> | undefined;
}

/** The file that identifies a store. */
const STORE_FILE = 'dataset.json';

export async function openLabelledData(path: string, flags: LabelledDataFlags): Promise<LabelledPictures> {
  const { split, part, set, option } = flags;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    const instead = isAddress(path) ? NOT_DOWNLOADED : `nothing at '${path}'`;
    throw new UsageError(`--data: expected labelled pictures, found ${instead}`);
  }
  if (set === undefined && found.isDirectory() && (await exists(join(path, STORE_FILE)))) {
    if (option !== undefined) throw new UsageError(`--option is for data sets; '${path}' is a store`);
    return storePictures(path, { split, part });
  }
  if (split !== undefined || part !== undefined) {
    throw new UsageError(`--split and --part choose rows of a store; '${path}' is none`);
  }
  const reader = set ?? (await recogniseSet(path));
  if (reader === undefined) {
    throw new UsageError(
      `--data: expected a store, a folder or a CSV file, found the file '${path}'; --set names a data set`,
    );
  }
  return datasetPictures(readerOf(reader), path, option);
}
