/** The application: routes, and the limits, headers, logs and error handling around them. Its tests need no socket. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { DestinationStream } from 'pino';
import { failureOf, PROBLEM_TYPE, problem, problemBody } from './problem.js';
import { clientGone, RETRY_SECONDS, RequestError, readBody, tokenCheck } from './requests/index.js';
import { addDocuments } from './routes/documents.js';
import { addEstimate, addVerify } from './routes/estimate.js';
import { addInference } from './routes/inference.js';
import { addOperations } from './routes/operations.js';
import { addPage, type PageFolders } from './routes/page.js';
import type { Services } from './routes/route.js';

export interface AppOptions {
  readonly services: Services;
  /** The package's version. */
  readonly version: string;
  /** The web page at `/`; without it `/` leads to the documents. */
  readonly page?: PageFolders;
  /** Where logs go; standard output by default. */
  readonly log?: DestinationStream;
}

const MEGABYTE = 1e6;
/** The limit on a request's head in bytes; a longer one gets 431. */
const MOST_HEAD_BYTES = 16_384;
/** How often Node checks connections for timeouts, in ms. */
const CHECKING_MS = 500;
const KEEP_ALIVE_MS = 5_000;
/** How long a connection may be idle beyond the time limit of an answer, in ms. */
const IDLE_MS = 1_000;
const INFERENCE_HEADER = 'inference-header-content-length';
/** A valid request id from a proxy. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

export async function createApp({ services, version, page, log }: AppOptions): Promise<FastifyInstance> {
  const { settings, metrics, bodies } = services;
  // Node applies the shorter of the two limits to heads and the longer one to bodies.
  const headMs = 1000 * Math.min(settings.headSeconds, settings.receiveSeconds);
  let ending = false;
  const app = Fastify({
    logger: { level: settings.logLevel, ...(log !== undefined && { stream: log }) },
    // One line for each request, below.
    logController: new LogController({ disableRequestLogging: true }),
    http: {
      maxHeaderSize: MOST_HEAD_BYTES,
      headersTimeout: headMs,
      connectionsCheckingInterval: CHECKING_MS,
    },
    // Fastify sets this on Node's server, which enforces it for heads and bodies alike.
    requestTimeout: settings.receiveSeconds * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A connection that was accepted before the end is answered, though its request is read after.
    return503OnClosing: false,
    // A client that does not read its answer keeps the connection no longer than one that waits for it.
    connectionTimeout: settings.answerSeconds * 1000 + IDLE_MS,
    trustProxy: settings.trustProxy.length === 0 ? false : [...settings.trustProxy],
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    clientErrorHandler,
    frameworkErrors: (error, request, reply) =>
      sendFailure(request.url, reply as unknown as FastifyReply, error),
  });
  app.server.maxConnections = settings.maxConnections;
  app.server.headersTimeout = headMs;

  app.decorateRequest('stop', null as never);
  app.decorateRequest('notes', null as never);
  app.decorateRequest('bodyBytes', 0);
  app.decorateRequest('gone', false);
  app.addHook('onRequest', async (request, reply) => {
    request.notes = {};
    request.stop = new AbortController();
    reply.header('x-request-id', request.id);
    // Answers contain personal data.
    reply.header('cache-control', 'no-store');
    reply.raw.once('close', () => {
      clearTimeout(request.timer);
      bodies.release(request.bodyBytes);
      request.gone = true;
      if (!reply.raw.writableFinished) request.stop.abort(clientGone());
    });
  });

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // This header is the job of the proxy that terminates TLS.
    strictTransportSecurity: false,
  });
  if (settings.cors.length > 0) {
    await app.register(cors, {
      origin: [...settings.cors],
      methods: ['GET', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'x-request-id', INFERENCE_HEADER],
      exposedHeaders: ['retry-after', 'x-request-id', INFERENCE_HEADER],
    });
  }
  if (settings.rateLimit > 0) {
    await app.register(rateLimit, {
      max: settings.rateLimit,
      timeWindow: '1 minute',
      errorResponseBuilder: (_request, { ttl }) =>
        new RequestError(429, 'client: it has sent too many requests; try again later', {
          retryAfter: Math.max(1, Math.ceil(ttl / 1000)),
        }),
    });
  }
  if (settings.token !== undefined) {
    const check = tokenCheck(settings.token);
    // After rate limiting, so that guesses count, and before the body is read.
    app.addHook('preParsing', async (request) => {
      if (request.routeOptions.config.public !== true) check(request.headers.authorization);
    });
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    checkCoding(request.headers['content-encoding']);
    const start = performance.now();
    const most = Math.floor(settings.maxBodyMegabytes * MEGABYTE);
    const body = await readBody(request.raw, { most, bodies }, (bytes) => {
      if (request.gone) bodies.release(bytes);
      else request.bodyBytes += bytes;
    });
    metrics.phase('receive', (performance.now() - start) / 1000);
    return body;
  });
  app.addHook('preHandler', async (request) => {
    request.timer = setTimeout(() => request.stop.abort(late()), settings.answerSeconds * 1000);
  });

  app.setErrorHandler((error, request, reply) => {
    const { problem } = sendFailure(request.url, reply, error);
    metrics.failed(problem.code);
    // Expected failures are only counted; a fault of the server is logged.
    if (problem.status === 500) request.log.error({ err: error }, 'a request failed');
  });
  app.setNotFoundHandler((request, reply) => {
    const known = `${request.method} of this path`;
    const detail = `request: expected a route, found none for ${known}; /docs lists them`;
    const { status, type, body } = problemBody(request.url, problem(404, detail, 'NOT_FOUND'));
    void reply.code(status).type(type).send(body);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (ending) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, notes, routeOptions } = request;
    // Unknown paths must not become labels: there is no limit to them.
    const route = routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    metrics.request(method, route, reply.statusCode, reply.elapsedTime / 1000);
    request.log.info({ method, route, status: reply.statusCode, ms, ...notes }, 'answered');
  });
  app.addHook('preClose', async () => {
    ending = true;
  });

  metrics.watch(services.pool, bodies);
  addEstimate(app, services);
  addVerify(app, services);
  addInference(app, services, version, () => ending);
  addOperations(app, services, () => ending);
  addDocuments(app, services, version);
  if (page !== undefined) addPage(app, page);
  if (!app.hasRoute({ method: 'GET', url: '/' })) {
    app.get('/', { config: { public: true } }, async (_request, reply) => reply.redirect('/docs'));
  }
  return app;
}

const late = () =>
  new RequestError(503, 'request: it took too long; try again later', {
    retryAfter: RETRY_SECONDS,
  });

function sendFailure(url: string, reply: FastifyReply, error: unknown) {
  const failure = failureOf(error);
  const { problem, retryAfter, close } = failure;
  const { status, type, body } = problemBody(url, problem);
  reply.code(status).type(type);
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (close) reply.header('connection', 'close');
  void reply.send(body);
  return failure;
}

/** @throws RequestError for a compressed body: a small one can become very large (RFC 9110, section 8.4) */
function checkCoding(coding: string | undefined): void {
  if (coding === undefined || coding.toLowerCase() === 'identity') return;
  throw new RequestError(
    415,
    { subject: 'Content-Encoding', expected: 'none', found: 'a compressed body' },
    { close: true },
  );
}

/** Answers requests that Node rejects before any route: malformed HTTP, or too slow. */
function clientErrorHandler(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const details = {
    400: 'request: expected HTTP/1.1, found something else',
    408: 'request: it took too long to arrive',
    431: `request: expected a head of at most ${MOST_HEAD_BYTES} bytes, found more`,
  };
  const { title, ...rest } = problem(status, details[status], error.code ?? 'HTTP');
  const body = JSON.stringify({ title, ...rest });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
