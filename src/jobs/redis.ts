/** The connection to Redis. Only this file loads BullMQ and its client, and only for commands that use a queue. */

import type { Queue as BullQueue, Worker as BullWorker, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import { maskAddress } from '../errors/index.js';
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

/** The pause between attempts to connect, in ms. */
const RECONNECT_LEAST = 100;
const RECONNECT_MOST = 2000;
const CONNECT_TIMEOUT = 10_000;

/**
 * Connects, and checks that the server does not evict keys.
 * @param patient whether to wait for a server that does not answer yet, as workers do
 * @throws JobsError if the address is invalid, no server answers, or it may evict jobs when its memory is full
 */
export async function connect(url: string, patient = false): Promise<Redis> {
  const { Redis } = await loadBull();
  if (!/^rediss?:\/\/./.test(url)) {
    throw new JobsError({
      subject: '--queue',
      expected: 'the address of a Redis server, such as redis://127.0.0.1:6379',
      found: `'${maskAddress(url)}'`,
    });
  }
  let connected = patient;
  const redis = new Redis(url, {
    // Commands wait for an unreachable server, as BullMQ requires.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT,
    keepAlive: CONNECT_TIMEOUT,
    lazyConnect: true,
    retryStrategy: (times) =>
      connected ? Math.min(RECONNECT_LEAST * 2 ** Math.min(times, 10), RECONNECT_MOST) : null,
  });
  let problem: Error | undefined;
  redis.on('error', (error) => {
    problem = error;
  });
  try {
    await redis.connect();
    connected = true;
    await checkPolicy(redis, url);
    return redis;
  } catch (error) {
    if (patient && !(error instanceof JobsError) && redis.status !== 'end') {
      await new Promise((resolve) => redis.once('ready', resolve));
      await checkPolicy(redis, url);
      return redis;
    }
    redis.disconnect();
    if (error instanceof JobsError) throw error;
    const why = (problem ?? (error as Error)).message;
    throw new JobsError(
      { subject: maskAddress(url), expected: 'a Redis server that answers', found: why },
      { kind: 'failed', cause: error },
    );
  }
}

/** A server that evicts keys would lose jobs. Uses `INFO`, since `CONFIG` may be forbidden. */
async function checkPolicy(redis: Redis, url: string): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  throw new JobsError({
    subject: maskAddress(url),
    expected:
      "a Redis server with 'maxmemory-policy noeviction', since others evict jobs when memory is full",
    found: `'${policy}'`,
  });
}

/** Whether the server has an append-only file, so that its restart loses no job. */
export async function keepsFile(redis: Redis): Promise<boolean> {
  return /^aof_enabled:1/m.test(await redis.info('persistence'));
}
