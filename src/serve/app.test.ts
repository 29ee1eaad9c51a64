import Ajv from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgeVerification } from '../estimate/node.js';
import { ImageError } from '../vision/index.js';
import type { Settings } from './about.js';
import { createApp } from './app.js';
import { Metrics } from './metrics.js';
import { MemoryBudget } from './requests/index.js';
import { problemSchema } from './schemas.js';
import { logOf, poolOf, type RunTasks, settingsWith } from './testing.js';
import { type EstimateTask, type PictureAnswer, RefusalError } from './workers/index.js';

const TOKEN = 'correct-horse-battery';
const FACE = {
  box: { x: 1, y: 2, width: 30, height: 40 },
  score: 0.9,
  landmarks: null,
  age: 30.5,
  median: 30,
  std: 5,
  interval: [22, 39] as const,
  gender: { label: 'female' as const, probability: 0.9 },
};
const ANSWER: PictureAnswer = { width: 64, height: 48, faces: [FACE] };
const JPEG = Buffer.from('a picture, as far as these tests go');

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

interface Made {
  readonly app: FastifyInstance;
  readonly tasks: EstimateTask[];
  readonly log: string[];
  readonly bodies: MemoryBudget;
}

/** An application whose pictures are answered by `answer`. */
async function made(
  changes: Partial<Settings> = {},
  answer: (task: EstimateTask) => Promise<PictureAnswer> | PictureAnswer = () => ANSWER,
): Promise<Made> {
  const settings = settingsWith({ logLevel: 'info', ...changes });
  const tasks: EstimateTask[] = [];
  const run: RunTasks<EstimateTask> = (given) =>
    given.map(async (task) => {
      tasks.push(task);
      return { answer: await answer(task), waited: 1, worked: 2 };
    });
  const log = logOf();
  const bodies = new MemoryBudget(settings.maxHeldMegabytes * 1e6);
  const models = [{ name: 'some-model', metadata: {} as never, signature: { inputs: [], outputs: [] } }];
  const services = { settings, pool: poolOf(run), models, metrics: new Metrics(), bodies };
  const app = await createApp({ services, version: '1.2.3', log });
  open.push(app);
  return { app, tasks, log: log.lines, bodies };
}

function form(...parts: readonly (string | Buffer)[]) {
  const boundary = '----boundary';
  const head = (i: number) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="secret-name-${i}.jpg"\r\nContent-Type: text/html\r\n\r\n`;
  const payload = Buffer.concat([
    ...parts.flatMap((part, i) => [Buffer.from(head(i)), Buffer.from(part), Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

const post = (app: FastifyInstance, options: object = {}) =>
  app.inject({ method: 'POST', url: '/v1/estimate', payload: JPEG, ...options });

/** A problem (RFC 9457) of this status, with its detail. */
function detailOf(response: Awaited<ReturnType<typeof post>>, status: number): string {
  expect([response.statusCode, response.headers['content-type']]).toEqual([
    status,
    'application/problem+json; charset=utf-8',
  ]);
  const problem = problemSchema.parse(response.json());
  expect(problem.status).toBe(status);
  return problem.detail;
}

describe('POST /v1/estimate', () => {
  it.each([
    undefined,
    'image/jpeg',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/json',
  ])('accepts an image as the body with any content type: %s', async (type) => {
    const { app, tasks } = await made();
    const response = await post(app, type === undefined ? {} : { headers: { 'content-type': type } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(ANSWER);
    expect(tasks).toEqual([
      {
        do: 'estimate',
        picture: JPEG,
        faces: { maxFaces: 100 },
        details: { distribution: false, atLeast: [] },
      },
    ]);
  });

  it('passes on the parameters of the query', async () => {
    const { app, tasks } = await made();
    const query = 'minScore=0.3&minFaceSize=40&maxFaces=2&order=size&distribution=true&atLeast=25,18,18';
    expect((await post(app, { url: `/v1/estimate?${query}` })).statusCode).toBe(200);
    expect(tasks[0]).toMatchObject({
      faces: { minScore: 0.3, minFaceSize: 40, maxFaces: 2, order: 'size' },
      details: { distribution: true, atLeast: [18, 25] },
    });
  });

  it.each([
    ['minScor=1', "query: there is no parameter 'minScor'; did you mean 'minScore'?"],
    ['minScore=2', "minScore: expected a number from 0 to 1, found '2'"],
    ['minScore=1&minScore=0', "minScore: expected a number from 0 to 1, found '1,0'"],
    ['maxFaces=101', "maxFaces: expected a whole number from 1 to 100, found '101'"],
    ['order=age', "order: expected 'score' or 'size', found 'age'"],
    [
      'atLeast=18,200',
      "atLeast: expected whole years from 0 to 100, separated by commas, such as 18,25, found '18,200'",
    ],
    ['__proto__=1', "query: there is no parameter '__proto__'"],
  ])('refuses the query %s', async (query, sentence) => {
    const { app, tasks } = await made();
    expect(detailOf(await post(app, { url: `/v1/estimate?${query}` }), 400)).toContain(sentence);
    expect(tasks).toEqual([]);
  });

  it('answers several images in order, and one that cannot be read by itself', async () => {
    const { app, tasks } = await made({}, ({ picture }) => {
      if (String(picture) === 'bad') throw new ImageError('image', 'an image', 'text');
      return { ...ANSWER, width: picture.length };
    });
    const response = await post(app, form('good', 'bad', 'better', ''));
    expect(response.statusCode).toBe(200);
    const { images } = response.json();
    expect(images.map(({ width }: { width?: number }) => width)).toEqual([4, undefined, 6, 0]);
    expect(problemSchema.parse(images[1].error)).toMatchObject({
      status: 422,
      code: 'AGEWISE_IMAGE',
      detail: 'image 1: expected an image, found text',
    });
    expect(tasks.map(({ picture }) => String(picture))).toEqual(['good', 'bad', 'better', '']);
  });

  it.each<[string, object, number, string]>([
    ['no body', { payload: undefined }, 400, 'request: expected a body with an image, found none'],
    ['an empty form', form(), 400, 'request: expected at least one image, found none'],
    ['too many images', form(...'abcdefghijklmnopq'), 413, 'request: expected at most 16 images, found more'],
    [
      'a form without a boundary',
      { headers: { 'content-type': 'multipart/form-data' } },
      400,
      'request: its multipart body is malformed',
    ],
    [
      'a form that is cut off',
      { ...form('abc'), payload: form('abc').payload.subarray(0, -20) },
      400,
      'request: its multipart body is malformed',
    ],
    [
      'a compressed body',
      { headers: { 'content-encoding': 'gzip' } },
      415,
      'Content-Encoding: expected none, found a compressed body',
    ],
    [
      'a body that is too large',
      { payload: Buffer.alloc(1001) },
      413,
      'request: expected at most 1000 bytes, found 1001',
    ],
  ])('refuses %s', async (_, options, status, sentence) => {
    const { app, tasks } = await made({ maxBodyMegabytes: _.includes('large') ? 0.001 : 20 });
    expect(detailOf(await post(app, options), status)).toBe(sentence);
    expect(tasks).toEqual([]);
  });

  it.each<[Error, number, string | undefined]>([
    [new ImageError('image', 'an image', 'text'), 422, undefined],
    [new RefusalError('full'), 503, '1'],
    [new RefusalError('closing'), 503, '1'],
    [new RefusalError('died'), 503, '1'],
    [new RefusalError('deadline'), 422, undefined],
    [new RefusalError('memory'), 422, undefined],
  ])('answers %s by %i', async (error, status, retryAfter) => {
    const { app } = await made({}, () => {
      throw error;
    });
    const response = await post(app);
    expect(detailOf(response, status)).toBe(error.message);
    expect(response.headers['retry-after']).toBe(retryAfter);
  });

  it('reports details of its own faults only in the log', async () => {
    const { app, log } = await made({}, () => {
      throw new Error('at /home/somebody/secret.ts');
    });
    const response = await post(app);
    expect(detailOf(response, 500)).not.toContain('secret');
    expect(log.join('')).toContain('secret.ts');
    expect(log.join('')).toContain(response.headers['x-request-id']);
  });

  it('logs one line per request, without names and contents of pictures', async () => {
    const { app, log } = await made();
    await post(app, { ...form('a-private-picture'), url: '/v1/estimate?maxFaces=1' });
    const answered = log.filter((line) => line.includes('answered'));
    expect(answered).toHaveLength(1);
    expect(JSON.parse(answered[0]!)).toMatchObject({
      method: 'POST',
      route: '/v1/estimate',
      status: 200,
      images: 1,
      faces: 1,
    });
    expect(log.join('')).not.toMatch(/secret-name|a-private-picture/);
  });
});

describe('POST /v1/verify', () => {
  const VERDICT: AgeVerification = {
    verdict: 'refer',
    reason: 'the estimate of 20.1 is younger than 25',
    age: 18,
    challenge: 25,
    faces: 1,
    atLeast: 0.7,
    estimate: 20.1,
    interval: [14, 29],
    quality: { size: 80, sharpness: 0.1, turn: 0.05 },
  };
  const verify = (app: FastifyInstance, query = '', options: object = {}) =>
    post(app, { url: `/v1/verify${query}`, ...options });

  it.each([
    ['', { age: 18, challenge: 25 }],
    ['?age=16', { age: 16, challenge: 23 }],
    ['?age=18&challenge=30', { age: 18, challenge: 30 }],
  ])('passes on the rule of the query %j', async (query, rule) => {
    const { app, tasks } = await made({}, () => VERDICT as never);
    const response = await verify(app, query);
    expect(response.json()).toEqual({ ...VERDICT, calibrated: false });
    expect(tasks).toEqual([{ do: 'verify', picture: JPEG, rule }]);
    expect((await app.inject('/metrics')).body).toContain('agewise_faces_per_image_sum 1');
  });

  it.each([
    ['?challenge=17', "challenge: expected an age of at least 18, the value of 'age', found 17"],
    ['?age=0', "age: expected whole years from 1 to 100, found '0'"],
    ['?age=18&challange=25', "query: there is no parameter 'challange'; did you mean 'challenge'?"],
  ])('refuses the query %s', async (query, sentence) => {
    const { app, tasks } = await made();
    expect(detailOf(await verify(app, query), 400)).toBe(sentence);
    expect(tasks).toEqual([]);
  });

  it('answers several images in order, and one that cannot be read by itself', async () => {
    const { app } = await made({}, ({ picture }) => {
      if (String(picture) === 'bad') throw new ImageError('image', 'an image', 'text');
      return VERDICT as never;
    });
    const { images, calibrated } = (await verify(app, '', form('good', 'bad'))).json();
    expect([images[0], calibrated]).toEqual([VERDICT, false]);
    expect(problemSchema.parse(images[1].error).detail).toBe('image 1: expected an image, found text');
    expect(detailOf(await verify(app, '', { payload: Buffer.from('bad') }), 422)).toContain('found text');
  });

  it('answers as the OpenAPI document describes', async () => {
    const { app } = await made({}, () => VERDICT as never);
    const ajv = new Ajv.default({ strict: false });
    const document = (await app.inject('/openapi.json')).json<object>();
    ajv.addSchema({ $id: 'document', ...document });
    for (const [name, response] of [
      ['Verification', await verify(app)],
      ['Verifications', await verify(app, '', form('a'))],
    ] as const) {
      const check = ajv.getSchema(`document#/components/schemas/${name}`)!;
      expect(check(response.json()), JSON.stringify(check.errors)).toBe(true);
    }
  });
});

describe('a token', () => {
  const authorized = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it.each([
    [{}, 'Authorization: expected a bearer token, found none'],
    [{ headers: { authorization: `Basic ${TOKEN}` } }, 'Authorization: expected a bearer token, found none'],
    [authorized(`${TOKEN}x`), 'Authorization: expected a bearer token, found another'],
    [authorized(TOKEN.slice(0, -1)), 'Authorization: expected a bearer token, found another'],
  ])('is required: %j', async (options, sentence) => {
    const { app, tasks } = await made({ token: TOKEN });
    const response = await post(app, options);
    expect(detailOf(response, 401)).toBe(sentence);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(tasks).toEqual([]);
    expect((await app.inject('/v1/models')).statusCode).toBe(401);
    expect((await app.inject('/metrics')).statusCode).toBe(401);
  });

  it('gives access; health and documents need none', async () => {
    const { app, log } = await made({ token: TOKEN });
    expect((await post(app, authorized(TOKEN))).statusCode).toBe(200);
    for (const url of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      expect((await app.inject(url)).statusCode, url).toBe(200);
    }
    expect(log.join('')).not.toContain(TOKEN);
  });
});

describe('every route', () => {
  it('has headers that forbid browsers to use the answer', async () => {
    const { app } = await made();
    const { headers } = await post(app, { headers: { 'x-request-id': 'of-a-proxy' } });
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-request-id': 'of-a-proxy',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const odd = await post(app, { headers: { 'x-request-id': 'a b"' } });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('limits the time of a head to that of a whole request', async () => {
    const { app } = await made({ headSeconds: 10, receiveSeconds: 3 });
    const { headersTimeout, requestTimeout } = app.server;
    expect([headersTimeout, requestTimeout]).toEqual([3000, 3000]);
  });

  it('allows requests of other origins only if configured', async () => {
    const { app } = await made({ cors: ['https://example.org'], token: TOKEN });
    const preflight = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/v1/estimate',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight('https://example.org')).headers['access-control-allow-origin']).toBe(
      'https://example.org',
    );
    expect((await preflight('https://other.example')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it('says when clients over the rate limit may retry, also those that guess tokens', async () => {
    const { app } = await made({ rateLimit: 2, token: TOKEN });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await post(app)).statusCode);
    expect(statuses).toEqual([401, 401, 429]);
    const refused = await post(app);
    expect(detailOf(refused, 429)).toBe('client: it has sent too many requests; try again later');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await post(app, { remoteAddress: '10.0.0.9' })).statusCode).toBe(401);
  });

  it('answers unknown paths with a problem', async () => {
    const { app } = await made();
    expect(detailOf(await app.inject('/v1/estimates'), 404)).toContain('GET');
    expect(detailOf(await app.inject('/v1/estimate'), 404)).toContain('found none');
    expect(detailOf(await app.inject('/%zz'), 400)).toBeTruthy();
  });
});

describe('operations', () => {
  it('report models, health and metrics', async () => {
    const { app } = await made();
    await post(app, form('a', 'b'));
    await post(app, { url: '/v1/estimate?x=1' });
    expect((await app.inject('/v1/models')).json()).toEqual({
      models: [{ name: 'some-model', metadata: {} }],
    });
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      workers: 1,
      busy: 0,
      waiting: 0,
    });
    const figures = (await app.inject('/metrics')).body;
    expect(figures).toContain(
      'agewise_http_request_duration_seconds_count{method="POST",route="/v1/estimate",status="200"} 1',
    );
    expect(figures).toContain('agewise_images_per_request_sum 2');
    expect(figures).toContain('agewise_faces_per_image_sum 2');
    expect(figures).toContain('agewise_failures_total{code="AGEWISE_REQUEST"} 1');
    expect(figures).toContain('agewise_phase_duration_seconds_count{phase="work"} 2');
    expect(figures).toContain('agewise_workers{state="idle"} 1');
    expect(figures).toMatch(/nodejs_eventloop_lag_p99_seconds \d/);
  });

  it('have an OpenAPI 3.1 document that answers conform to, and a page without scripts', async () => {
    const { app } = await made({ token: TOKEN });
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.1');
    expect(Object.keys(document.paths)).toEqual([
      '/v1/estimate',
      '/v1/verify',
      '/v1/models',
      '/healthz',
      '/readyz',
      '/metrics',
      '/v2',
      '/v2/health/live',
      '/v2/health/ready',
      ...['/v2/models/{model}', '/v2/models/{model}/versions/{version}'].flatMap((model) => [
        model,
        `${model}/ready`,
        `${model}/infer`,
      ]),
    ]);
    for (const path of Object.keys(document.paths)) {
      const method = Object.keys(document.paths[path])[0]!.toUpperCase() as 'GET';
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      expect(app.hasRoute({ method, url }), path).toBe(true);
    }
    const ajv = new Ajv.default({ strict: false });
    ajv.addSchema({ $id: 'document', ...document });
    const validate = (name: string, value: unknown) => {
      const check = ajv.getSchema(`document#/components/schemas/${name}`)!;
      expect(check(value), JSON.stringify(check.errors)).toBe(true);
    };
    const headers = { authorization: `Bearer ${TOKEN}` };
    validate('Picture', (await post(app, { headers })).json());
    const several = form('a');
    validate(
      'Pictures',
      (await post(app, { ...several, headers: { ...headers, ...several.headers } })).json(),
    );
    validate('Models', (await app.inject({ url: '/v1/models', headers })).json());
    validate('Health', (await app.inject('/healthz')).json());
    validate('Readiness', (await app.inject('/readyz')).json());
    validate('Problem', (await post(app)).json());

    const page = await app.inject('/docs');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+=*';/,
    );
    expect(page.body).toContain('POST /v1/estimate');
    expect(page.body).not.toMatch(/<script|https?:\/\//);
  });
});
