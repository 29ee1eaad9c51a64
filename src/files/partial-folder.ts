/** A folder that is filled under another name, and gets its own when it is whole. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from './error.js';
import { exists } from './exists.js';
import { leftoversOf, release, reserve } from './partial-name.js';

export class PartialFolder {
  private constructor(
    readonly path: string,
    private readonly target: string,
    /** Folders of earlier processes that ended before they were done; they have been removed. */
    readonly removed: readonly string[],
  ) {}

  /**
   * Makes the folder that will be called `target`; what is there already is replaced at the end.
   * @throws FileError where somebody fills the target already
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
      await mkdir(path, { recursive: true });
    } catch (error) {
      release(path);
      throw error;
    }
    return new PartialFolder(path, full, abandoned);
  }

  /** Gives the folder its name. What was there is gone afterwards. */
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

/** Names survive a power cut only once their folder is on the disk. Some systems cannot sync folders, and need not. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
