/**
 * The temporary name of an unfinished file or folder: `NAME.partial-PID-START` beside its final name, so that its process is
 * known, also if its number is used again. Of a long name it has the beginning.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { processStart } from './process-start.js';

const INFIX = '.partial-';

/** The bytes of a name that are kept: file systems allow 255 in all. */
const MOST_BYTES = 180;

/** What follows it: the process's number and start, and a number of ours. */
const HOLDER = /^(\d+)(?:-(\d+))?(?:\.\d+)?$/;

/** Names that this process is writing to. */
const own = new Set<string>();

/** A name that no process uses; `release` it when it has been renamed or removed. */
export function reserve(target: string): string {
  const start = processStart(process.pid);
  const name = `${beginning(basename(target))}${INFIX}${process.pid}${start === undefined ? '' : `-${start}`}`;
  const first = join(dirname(target), name);
  let path = first;
  for (let n = 2; own.has(path); n++) path = `${first}.${n}`;
  own.add(path);
  return path;
}

/** Whole characters only: a stream of bytes keeps back one that has not ended. */
const beginning = (name: string): string =>
  new TextDecoder().decode(Buffer.from(name).subarray(0, MOST_BYTES), { stream: true });

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
  const prefix = beginning(basename(target)) + INFIX;
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const holder = name.startsWith(prefix) ? HOLDER.exec(name.slice(prefix.length)) : null;
    return holder ? [{ path: join(folder, name), pid: Number(holder[1]), start: holder[2] }] : [];
  });
  const inUse = ({ path, pid, start }: (typeof found)[number]) => own.has(path) || isOther(pid, start);
  return {
    abandoned: found.filter((one) => !inUse(one)).map(({ path }) => path),
    inUse: found.filter(inUse).map(({ path }) => path),
  };
}

/**
 * Whether another process with that number, which started then, is running. A name with our own number that is not reserved comes from an
 * ended process.
 */
function isOther(pid: number, start: string | undefined): boolean {
  if (pid === process.pid) return false;
  const now = processStart(pid);
  if (start !== undefined && now !== undefined && start !== now) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
