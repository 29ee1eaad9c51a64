/** A folder that is filled under another name, and gets its own when it is whole. */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '../types.js';
import { INFO_FILE } from './files.js';

/** What earlier processes left beside the target. */
export type Leftovers = readonly string[];

/** Folders that this process fills now. */
const own = new Set<string>();

export class PartialFolder {
  private constructor(
    readonly path: string,
    private readonly target: string,
    /** Folders of earlier processes that ended before they were done; they have been removed. */
    readonly removed: Leftovers,
  ) {}

  /**
   * @param overwrite whether a store that is there already is replaced, at the end
   * @throws DataError where something is there that is not to be replaced, or another process fills the target
   */
  static async create(target: string, options: { readonly overwrite: boolean }): Promise<PartialFolder> {
    const full = resolve(target);
    await checkTarget(target, options.overwrite);
    const removed = await removeLeftovers(full, target);
    const path = `${full}${INFIX}${process.pid}`;
    await mkdir(path, { recursive: true });
    own.add(path);
    return new PartialFolder(path, full, removed);
  }

  /** Gives the folder its name. A store that was there is gone afterwards. */
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
    own.delete(this.path);
    await syncFolder(dirname(this.target));
    if (wasThere) await rm(replaced, { recursive: true });
  }

  async discard(): Promise<void> {
    own.delete(this.path);
    await rm(this.path, { recursive: true, force: true });
  }
}

const INFIX = '.partial-';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  if (!(await exists(target))) return;
  if (!overwrite) throw new DataError(`${target}: expected a new name, found something there already`);
  // A slip of the pen must not cost anybody's folder.
  if (!(await exists(join(target, INFO_FILE)))) {
    throw new DataError(`${target}: expected a store to be replaced, found something without ${INFO_FILE}`);
  }
}

async function removeLeftovers(full: string, target: string): Promise<Leftovers> {
  const parent = dirname(full);
  const names = await readdir(parent).catch(() => []);
  const prefix = basename(full) + INFIX;
  const removed: string[] = [];
  for (const name of names) {
    const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!/^\d+$/.test(digits)) continue;
    const path = join(parent, name);
    if (own.has(path) || isOthers(Number(digits))) {
      throw new DataError(`${target}: another import is writing it, in '${path}'`);
    }
    await rm(path, { recursive: true });
    removed.push(path);
  }
  return removed;
}

/** Whether another process with that number runs. One of our own number that is not in `own` has ended. */
function isOthers(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Names survive a power cut only once their folder is on the disk. Some systems cannot sync folders, and need not. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
