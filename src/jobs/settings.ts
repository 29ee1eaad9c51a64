/** The queue's settings and their reasons. docs/SCALE.md has a simulation of their effects. */

/**
 * The number of attempts before a job that fails with an error is set aside. The backoff of 2 + 4 + 8 + 16 seconds outlasts
 * a short outage of a disk or a network; each is shortened at random by up to half, so that jobs which failed together are
 * not retried together.
 */
export const ATTEMPTS = 5;
export const BACKOFF = { type: 'exponential', delay: 2000, jitter: 0.5 } as const;

/**
 * How often a job is taken over from silent workers before it is set aside as one that kills them. Workers are lost for
 * other reasons too, such as spot machines: at one loss in a hundred shards, more than in any cloud, three takeovers set
 * aside one shard in 10⁸ wrongly, and a picture that kills its process kills four.
 */
export const MOST_TAKEOVERS = 3;

/**
 * The seconds after which a job of a silent worker is taken over. A worker renews its lock after half of it, so blocking its
 * event loop for ten seconds does no harm.
 */
export const LOCK_SECONDS = 30;

/** The number of pictures in a shard: 14 s of work for one thread or more, of which the queue's 14 ms do not matter. */
export const SHARD_PICTURES = 512;

/** The batch size of predictions; shards of an evaluation are multiples of it. */
export const PREDICTION_BATCH = 32;
