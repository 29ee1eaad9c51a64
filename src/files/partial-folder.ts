/** A folder that is written under a temporary name and renamed when complete. */

import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from './error.js';
import { exists } from './exists.js';
import { makeFolders } from './make-folders.js';
import { leftoversOf, release, reserve } from './partial-name.js';

export class PartialFolder {
  private constructor(
    readonly path: string,
    private readonly target: string,
    /** Unfinished folders of earlier processes, which have been removed. */
    readonly removed: readonly string[],
  ) {}

  /**
   * Creates the folder that will become `target`; an existing one is replaced at the end.
   * @throws FileError if another process is writing the target
   */
  static async create(target: string): Promise<PartialFolder> {
    const full = resolve(target);
    const { abandoned, inUse } = await leftoversOf(full);
    if (inUse.length > 0) {
      throw new FileError({ subject: target, problem: `another process is writing it, in '${inUse[0]}'` });
    }
    for (const path of abandoned) await rm(path, { recursive: true });
    const path = reserve(full);
    try {
      await makeFolders(path);
    } catch (error) {
      release(path);
      throw error;
    }
    return new PartialFolder(path, full, abandoned);
  }

  /** Renames the folder to its final name, replacing what was there. */
  async commit(): Promise<void> {
    const replaced = `${this.target}.replaced-${process.pid}`;
    const wasThere = await exists(this.target);
    await syncFolder(this.path);
    if (wasThere) await rename(this.target, replaced);
    try {
      await rename(this.path, this.target);
    } catch (error) {
      if (wasThere) await rename(replaced, this.target);
      throw error;
    }
    release(this.path);
    await syncFolder(dirname(this.target));
    if (wasThere) await rm(replaced, { recursive: true });
  }

  async discard(): Promise<void> {
    release(this.path);
    await rm(this.path, { recursive: true, force: true });
  }
}

/**
 * A rename survives a power cut only after its folder has been synced. Some systems cannot sync folders, and need not.
 */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
