/**
 * A lock that one process has at a time: a file that names the process. One that a crash left behind bars nobody, since
 * its process is gone; that another process has got its number tells the time at which that one started.
 */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** Who has a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as its system counts it; undefined where the system does not tell. */
  readonly started?: string | undefined;
  /** The process that started it, with which it ends where it is a child that works for its parent. */
  readonly parent?: number | undefined;
  /** ISO 8601, when it took the lock. */
  readonly since: string;
}

/** Between two looks at a process that may be about to end. */
const PATIENCE_STEP = 50;

/** How often, and after how many milliseconds, a lock is read again that somebody may be about to write. */
const LOOKS = 10;
const PAUSE = 20;

/**
 * Takes a lock.
 * @param path of the file, which appears in a folder that is there
 * @param heldBy makes the error where a process has it that is at work, or may be, on another machine
 * @param patience milliseconds that a holder on this machine is given to end whose parent process is gone: a child that
 *   works for its parent ends a moment after it was killed
 * @returns what gives the lock back
 * @throws what `heldBy` makes; the system's error where the file cannot be written.
 */
export async function takeLock(
  path: string,
  heldBy: (holder: LockHolder) => Error,
  patience = 0,
): Promise<Release> {
  const end = performance.now() + patience;
  for (;;) {
    const taken = await tryLock(path);
    if (typeof taken === 'function') return taken;
    if (performance.now() >= end || !isOrphan(taken)) throw heldBy(taken);
    await setTimeout(PATIENCE_STEP);
  }
}

type Release = () => Promise<void>;

async function tryLock(path: string): Promise<Release | LockHolder> {
  const since = new Date().toISOString();
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    parent: process.ppid,
    since,
  };
  for (;;) {
    try {
      await writeFile(path, `${JSON.stringify(own)}\n`, { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const text = await written(path);
    if (text === undefined) continue;
    const holder = parsed(text);
    if (holder !== undefined && (await isAtWork(holder))) return holder;
    // Whoever has the right to this very file removes it, lest a lock be removed that somebody has taken since.
    const right = await tryLock(`${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`);
    if (typeof right === 'function') {
      if ((await read(path)) === text) await rm(path);
      await right();
    } else await setTimeout(PAUSE);
  }
}

/** The content of a lock's file, waited for where it is still empty; undefined where there is none any more. */
async function written(path: string): Promise<string | undefined> {
  for (let look = 1; ; look++) {
    const text = await read(path);
    if (text === undefined || text.endsWith('\n') || look === LOOKS) return text;
    await setTimeout(PAUSE);
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parsed(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<LockHolder> | null;
    const known = typeof holder?.pid === 'number' && typeof holder.host === 'string';
    return known ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

async function isAtWork({ pid, host, started }: LockHolder): Promise<boolean> {
  if (host !== hostname()) return true;
  if (isGone(pid)) return false;
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

const isOrphan = ({ host, parent }: LockHolder): boolean =>
  host === hostname() && parent !== undefined && isGone(parent);

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // A process of somebody else's may not be asked, and so is there.
    return isCode(error, 'ESRCH');
  }
}

/** The boot of the system and the process's start since then: field 22 of proc(5). */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name of the command in parentheses, may hold blanks.
    const [, start] = /\) (?:\S+ ){19}(\d+)/.exec(stat.slice(stat.lastIndexOf(')'))) ?? [];
    return start && `${boot} ${start}`;
  } catch {
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
