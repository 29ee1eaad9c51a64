/** Routes for operators of the server: health, readiness, metrics, models. */
import type { FastifyInstance } from 'fastify';
import type { Services } from './route.js';

/** @param ending whether the server takes no new requests */
export function addOperations(
  app: FastifyInstance,
  { pool, metrics, models }: Services,
  ending: () => boolean,
): void {
  const open = { config: { public: true, rateLimit: false as const } };
  app.get('/healthz', open, async () => ({ status: 'ok' }));
  app.get('/readyz', open, async (_request, reply) => {
    const { ready, busy, waiting } = pool.state;
    const isReady = ready > 0 && !ending();
    reply.code(isReady ? 200 : 503);
    return { status: isReady ? 'ready' : 'not ready', workers: ready, busy, waiting };
  });
  app.get('/metrics', { config: { rateLimit: false } }, async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  app.get('/v1/models', async () => ({
    models: models.map(({ name, metadata }) => ({ name, metadata })),
  }));
}
