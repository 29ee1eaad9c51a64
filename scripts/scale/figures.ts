/** What docs/SCALE.md reckons with: figures measured by `npm run bench:jobs`, and assumptions. */
import { SHARD_PICTURES } from '../../src/jobs/index.js';

export const MEASURED = {
  /** Portraits per second of a worker with one thread, of two on two cores. */
  portraits: 37,
  /** Half of README.md's group photographs of 3 megapixels per second of two cores. */
  groups: 3.1,
  /** The seconds of a shard apart from its pictures. */
  queueSeconds: 0.0142,
  /** The bytes of Redis for a waiting job. */
  waitingBytes: 882,
} as const;

export const ASSUMED = {
  pictures: 1e8,
  shardPictures: SHARD_PICTURES,
  coresPerMachine: 16,
  machines: 20,
  /** The share of the ideal speed that remains after stragglers and losses. */
  useful: 0.98,
  /** Dollars for an hour of a machine, and the part of it that a spot machine costs. */
  machineHour: 0.6,
  spotShare: 1 / 3,
  /** Dollars for a million reads of an object store. */
  millionReads: 0.4,
  /** Bytes of a portrait and of a group photograph. */
  portraitBytes: 1e5,
  groupBytes: 1.5e6,
  /** Losses of a worker per hour where machines are spot machines. */
  spotLosses: 0.5,
} as const;
