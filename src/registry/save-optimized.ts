/** Writes a model to the cache of optimized ones; loaded only when there is one to write. */
import { readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeWhole, writeWholeFile } from '../files/index.js';
import { type Model, writeModelApart } from '../onnx/index.js';

/** Files that nobody has read for so long are of earlier versions, or of copies of the package that are gone: 90 days. */
const UNREAD_MILLISECONDS = 90 * 24 * 3_600_000;

/**
 * Writes the graph to the file of the given name, and its constants beside it; then removes what has not been read for long from the folder.
 * @param make writes the file of the given name, and returns the model that is to be kept in its place
 * @throws the system's error, as on a disk that is full or cannot be written
 */
export async function saveOptimized(path: string, make: (partial: string) => Promise<Model>): Promise<void> {
  const beside = path.replace(/\.onnx$/, '.data');
  await writeWhole(path, async (partial) => {
    const { graph, constants } = writeModelApart(await make(partial), basename(beside));
    await writeWholeFile(beside, constants);
    await writeFile(partial, graph);
  });
  await prune(dirname(path));
}

/** A file that is needed after all is written again; one that cannot be removed stays. */
async function prune(folder: string): Promise<void> {
  const before = Date.now() - UNREAD_MILLISECONDS;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    try {
      const { atimeMs, mtimeMs } = await stat(file);
      // Systems that do not count reading leave the time of writing.
      if (Math.max(atimeMs, mtimeMs) < before) await unlink(file);
    } catch {}
  }
}
