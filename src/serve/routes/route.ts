/** What every route is given. */
import type { Settings } from '../about.js';
import type { Metrics } from '../metrics.js';
import type { ServedModel } from '../models.js';
import type { HeldBytes } from '../requests/index.js';
import type { EstimatingPool } from '../workers/index.js';

export interface Services {
  readonly settings: Settings;
  readonly pool: EstimatingPool;
  readonly models: readonly ServedModel[];
  readonly metrics: Metrics;
  readonly held: HeldBytes;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborted where the client has gone, or the answer takes longer than it may. */
    stop: AbortController;
    /** What the log says of the request besides. */
    notes: Record<string, number>;
    /** Bytes of it that count as held. */
    heldBytes: number;
    /** Whether its connection has ended, or it has been answered. */
    gone: boolean;
    /** Ends it where the answer takes too long. */
    timer?: NodeJS.Timeout;
  }
  interface FastifyContextConfig {
    /** Whether whoever has no token may ask. */
    readonly public?: boolean;
  }
}
