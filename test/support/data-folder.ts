/** Small data sets for tests of readers, and what a reader reads from them. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type DatasetReader,
  isRejection,
  type ReaderOptions,
  type Reading,
  type Rejection,
  type Sample,
} from '../../src/data/index.js';

/**
 * A temporary folder, removed after the test.
 * @param pictures paths of empty files: readers do not decode
 * @param labels files by path, with their content
 */
export async function dataFolder(
  pictures: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agewise-data-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = [...pictures.map((path) => [path, ''] as const), ...Object.entries(labels)];
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

export interface Readings {
  readonly samples: readonly Sample[];
  /** The samples without their images, as most tests compare them. */
  readonly labels: readonly Omit<Sample, 'image'>[];
  readonly rejections: readonly Rejection[];
}

export async function readAll(
  reader: DatasetReader,
  source: string,
  options?: ReaderOptions,
): Promise<Readings> {
  const all: Reading[] = [];
  for await (const reading of reader.read(source, options)) all.push(reading);
  const samples = all.filter((reading): reading is Sample => !isRejection(reading));
  const labels = samples.map(({ image: _, ...rest }) => rest);
  return { samples, labels, rejections: all.filter(isRejection) };
}

/** The folder of a real data set beside the repository, if it is there; says that tests are skipped where not. */
export function realData(name: string): string | undefined {
  const folder = resolve(import.meta.dirname, '../../../shared/data', name);
  if (existsSync(folder)) return folder;
  console.warn(`${folder} is not there: tests on the real ${name} are skipped`);
  return undefined;
}
