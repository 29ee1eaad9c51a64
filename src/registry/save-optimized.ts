/** Writes a model to the cache of optimized ones; loaded only when there is one to write. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeWhole, writeWholeFile } from '../files/index.js';
import { type Model, writeModelApart } from '../onnx/index.js';

/**
 * Writes the graph to the file of the given name, and its constants beside it.
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
}
