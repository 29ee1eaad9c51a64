/** The connection to Redis. Only this file loads BullMQ and its client, and only for commands that use a queue. */

import type { Queue as BullQueue, Worker as BullWorker, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import { type ErrorKind, maskAddress } from '../errors/index.js';
import { JobsError } from './error.js';

export interface Bull {
  readonly Queue: typeof BullQueue;
  readonly Worker: typeof BullWorker;
  readonly WaitingError: typeof WaitingError;
  readonly UnrecoverableError: new (message: string) => Error;
}

/** @throws JobsError if the packages are not installed */
export async function loadBull(): Promise<Bull & { readonly Redis: typeof Redis }> {
  try {
    const [bull, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    const { Queue, Worker, WaitingError, UnrecoverableError } = bull;
    return { Queue, Worker, WaitingError, UnrecoverableError, Redis };
  } catch (error) {
    throw new JobsError(
      "a queue needs the packages 'bullmq' and 'ioredis', which are not installed; npm install bullmq ioredis",
      { kind: 'unsupported', cause: error },
    );
  }
}

/** That of an address; masked like one is also what lacks it. */
const SCHEME = 'redis://';

/** The pause between attempts to connect, in ms. */
const RECONNECT_LEAST = 100;
const RECONNECT_MOST = 2000;
const CONNECT_TIMEOUT = 10_000;

/** The oldest major version of Redis that is supported. */
const LEAST_VERSION = 7;

/**
 * Connects, and checks that the server can hold a queue.
 * @param onWaiting called once with the reason if the server does not answer yet, which is then waited for, as workers do;
 *   without it an error is thrown
 * @throws JobsError if the address is invalid, no server answers, it refuses the password, is too old, or may evict jobs when
 *   its memory is full
 */
export async function connect(url: string, onWaiting?: (why: JobsError) => void): Promise<Redis> {
  let connected = false;
  let problem: Error | undefined;
  const redis = await client(url, (times) => {
    const waits = connected || (onWaiting !== undefined && !isReply(problem));
    return waits ? Math.min(RECONNECT_LEAST * 2 ** Math.min(times, 10), RECONNECT_MOST) : null;
  });
  const ready = new Promise<void>((resolve, reject) => {
    redis.once('ready', resolve).once('end', () => reject(problem ?? new Error('the connection was closed')));
  });
  redis.on('connect', () => {
    problem = undefined;
  });
  redis.on('error', (error) => {
    if (!connected && problem === undefined && !isReply(error)) onWaiting?.(unreachable(url, error));
    problem = error;
  });
  try {
    await Promise.all([ready, redis.connect().catch(() => undefined)]);
    connected = true;
    // A refused number of a database is an error beside the connection.
    if (isReply(problem)) throw problem;
    await checkServer(redis, url);
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof JobsError) throw error;
    throw refusal(url, error) ?? unreachable(url, error);
  }
}

async function client(url: string, retryStrategy: (times: number) => number | null): Promise<Redis> {
  const { Redis } = await loadBull();
  try {
    if (!/^rediss?:\/\/./.test(url)) throw new TypeError('not an address of a Redis server');
    return new Redis(url, {
      // Commands wait for an unreachable server, as BullMQ requires.
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_TIMEOUT,
      keepAlive: CONNECT_TIMEOUT,
      lazyConnect: true,
      retryStrategy,
    });
  } catch (error) {
    throw new JobsError(
      {
        subject: '--queue',
        expected: 'the address of a Redis server, such as redis://127.0.0.1:6379',
        found: `'${url.includes('://') ? maskAddress(url) : maskAddress(`${SCHEME}${url}`).slice(SCHEME.length)}'`,
      },
      { cause: error },
    );
  }
}

/** Uses `INFO`, since `CONFIG` may be forbidden. */
async function checkServer(redis: Redis, url: string): Promise<void> {
  const info = await redis.info();
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (version !== undefined && Number.parseInt(version, 10) < LEAST_VERSION) {
    throw new JobsError(
      { subject: maskAddress(url), expected: `Redis ${LEAST_VERSION}.0 or newer`, found: version },
      { kind: 'unsupported' },
    );
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  throw new JobsError({
    subject: maskAddress(url),
    expected:
      "a Redis server with 'maxmemory-policy noeviction', since others evict jobs when memory is full",
    found: `'${policy}'`,
  });
}

/** Whether the server has answered, with an error. */
const isReply = (error: unknown): error is Error => (error as Error | undefined)?.name === 'ReplyError';

/** What a server expects that answers with an error of this code, and what it found. */
const REPLIES: Readonly<Record<string, readonly [expected: string, found: string, kind: ErrorKind]>> = {
  NOAUTH: ['an address with the password of the server, before its host', 'one without', 'usage'],
  WRONGPASS: ["the server's user and password", 'others', 'usage'],
  OOM: ['a server with free memory', "that its limit 'maxmemory' is reached", 'failed'],
  READONLY: ['a server that can be written', 'a read-only replica', 'usage'],
  MISCONF: ['a server that can be written', 'one whose own disk fails', 'failed'],
};

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server at that port',
  ENOTFOUND: 'no machine of that name',
  EAI_AGAIN: 'no machine of that name',
  ETIMEDOUT: 'no answer in time',
  ECONNRESET: 'that it closed the connection',
};

/** The sentence about a command that the server refused, such as one that its memory has no room for; of no other error. */
export function refusal(url: string, error: unknown): JobsError | undefined {
  if (!isReply(error)) return undefined;
  const known = REPLIES[error.message.split(' ')[0]!];
  const [expected, found, kind] = known ?? ['a server that does as asked', `'${error.message}'`, 'failed'];
  return new JobsError({ subject: maskAddress(url), expected, found }, { kind, cause: error });
}

function unreachable(url: string, error: unknown): JobsError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const found = UNREACHABLE[code] ?? message;
  return new JobsError(
    { subject: maskAddress(url), expected: 'a Redis server that answers', found },
    { kind: 'failed', cause: error },
  );
}

/** Whether the server has an append-only file, so that its restart loses no job. */
export async function keepsFile(redis: Redis): Promise<boolean> {
  return /^aof_enabled:1/m.test(await redis.info('persistence'));
}
