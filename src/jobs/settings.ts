/** The queue's settings, each with the reason for it. `scripts/scale/simulate.ts` shows what they lead to. */

/**
 * Attempts of a job that fails by an error, after which it is set aside. A disk or a network that is away for a moment is
 * back within the back-off of 2 + 4 + 8 + 16 seconds; an error that stays costs five attempts.
 */
export const ATTEMPTS = 5;
export const BACKOFF = { type: 'exponential', delay: 2000, jitter: 0.5 } as const;

/**
 * How often a job is taken over from workers that fell silent before it is set aside as one that kills them. Workers are
 * lost for other reasons too (a spot machine is taken back, one is updated): at one loss in a hundred shards, which is more
 * than any cloud takes, one shard in 10⁸ is set aside wrongly by three takeovers, and a picture that kills its process
 * kills four.
 */
export const MOST_TAKEOVERS = 3;

/**
 * Seconds after which a job of a silent worker is taken over. A worker renews its hold every half of it, so that a run of a
 * network that holds its event loop for ten seconds does no harm.
 */
export const LOCK_SECONDS = 30;

/** Pictures of a shard: half a minute of work of one thread, beside which 50 ms for the queue are nothing. */
export const SHARD_PICTURES = 512;

/** Pictures of which predictions are made together; shards of an evaluation are whole numbers of them. */
export const PREDICTION_BATCH = 32;
