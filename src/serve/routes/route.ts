/** The services that routes share, and their additions to Fastify's requests. */
import type { Settings } from '../about.js';
import type { Metrics } from '../metrics.js';
import type { ServedModel } from '../models.js';
import type { MemoryBudget } from '../requests/index.js';
import type { EstimatingPool } from '../workers/index.js';

export interface Services {
  readonly settings: Settings;
  readonly pool: EstimatingPool;
  readonly models: readonly ServedModel[];
  readonly metrics: Metrics;
  readonly bodies: MemoryBudget;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborted if the client disconnects or the answer takes too long. */
    stop: AbortController;
    /** Additional figures for the request's log line. */
    notes: Record<string, number>;
    /** The bytes of its body that are reserved in `Services.bodies`. */
    bodyBytes: number;
    /** Whether it has been answered or its connection has ended. */
    gone: boolean;
    /** Aborts `stop` when the answer takes too long. */
    timer?: NodeJS.Timeout;
  }
  interface FastifyContextConfig {
    /** Whether the route needs no token. */
    readonly public?: boolean;
  }
}
