/**
 * A lock held by one process at a time: a file that names the process. A lock left behind by a crash is ignored,
 * because its process is gone; the process's start time shows whether its number has been reused.
 */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { processStart } from './process-start.js';

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in its system's units; undefined if the system does not say. */
  readonly started?: string | undefined;
  /** Its parent process. A child that works for its parent ends with it. */
  readonly parent?: number | undefined;
  /** ISO 8601, when it took the lock. */
  readonly since: string;
}

/** Milliseconds between two checks of a process that may be about to end. */
const PATIENCE_STEP = 50;

/**
 * How often, and at what interval in milliseconds, an empty lock file is read again while another process may be
 * writing it.
 */
const LOOKS = 10;
const PAUSE = 20;

/**
 * Takes a lock.
 * @param path path of the lock file, in an existing folder
 * @param heldBy makes the error if a running process holds it, or one on another machine may
 * @param patience milliseconds to wait for a holder on this machine whose parent process is gone, since a child ends shortly after its parent was killed
 * @returns a function that releases the lock
 * @throws what `heldBy` makes; the system's error if the file cannot be written.
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
    // Only the holder of this exact file removes it, so that a newer lock is never removed.
    const right = await tryLock(`${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`);
    if (typeof right === 'function') {
      if ((await read(path)) === text) await rm(path);
      await right();
    } else await setTimeout(PAUSE);
  }
}

/** The content of a lock file, after waiting if it is still empty; undefined if it no longer exists. */
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
    // Permission denied means that the process exists but belongs to another user.
    return isCode(error, 'ESRCH');
  }
}

/** The system's boot and the process's start time since then. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const start = processStart(pid);
    return start && `${boot} ${start}`;
  } catch {
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
