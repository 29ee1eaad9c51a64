import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Copies files into a new folder, under their names; returns where they are. */
export async function copies(files: readonly string[], folder: string): Promise<string[]> {
  await mkdir(folder);
  return Promise.all(
    files.map(async (file) => {
      const copy = path.join(folder, path.basename(file));
      await copyFile(file, copy);
      return copy;
    }),
  );
}
