/** Checks free disk space before work starts. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatBytes } from '../../report/index.js';
import { isMissing } from '../reason.js';
import { DownloadError } from './error.js';

/**
 * @param what needs the space, such as a file's name
 * @param folder need not exist yet: the nearest existing ancestor is checked
 * @throws DownloadError if there is too little
 */
export async function requireSpace(what: string, bytes: number, folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free < bytes) {
    throw new DownloadError(
      `${what}: expected ${formatBytes(bytes)} of free space in '${folder}', found ${formatBytes(free)}`,
    );
  }
}

async function freeBytes(folder: string): Promise<number> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch (error) {
      if (!isMissing(error) || path === dirname(path)) throw error;
    }
  }
}
