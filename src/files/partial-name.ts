/**
 * The temporary name of an unfinished file or folder: `NAME.partial-PID` beside its final name, so that its process is
 * known.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const INFIX = '.partial-';

/** Names that this process is writing to. */
const own = new Set<string>();

/** A name that no process uses; `release` it when it has been renamed or removed. */
export function reserve(target: string): string {
  const first = `${target}${INFIX}${process.pid}`;
  let path = first;
  for (let n = 2; own.has(path); n++) path = `${first}.${n}`;
  own.add(path);
  return path;
}

export const release = (path: string): boolean => own.delete(path);

export interface Leftovers {
  /** Of processes that have ended. */
  readonly abandoned: readonly string[];
  /** Of this and other running processes. */
  readonly inUse: readonly string[];
}

/** Unfinished files and folders beside a target. */
export async function leftoversOf(target: string): Promise<Leftovers> {
  const folder = dirname(target);
  const prefix = basename(target) + INFIX;
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const pid = name.startsWith(prefix) ? /^(\d+)(\.\d+)?$/.exec(name.slice(prefix.length))?.[1] : undefined;
    return pid === undefined ? [] : [{ path: join(folder, name), pid: Number(pid) }];
  });
  const inUse = ({ path, pid }: (typeof found)[number]) => own.has(path) || isOther(pid);
  return {
    abandoned: found.filter((one) => !inUse(one)).map(({ path }) => path),
    inUse: found.filter(inUse).map(({ path }) => path),
  };
}

/**
 * Whether another process with that number is running. A name with our own number that is not reserved comes from an
 * ended process.
 */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
