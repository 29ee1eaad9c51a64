import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../app.js';
import { Metrics } from '../metrics.js';
import { MemoryBudget } from '../requests/index.js';
import { poolOf, settingsWith } from '../testing.js';

let folder: string;
let models: string;
let app: FastifyInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script src="/assets/main-Ab12Cd34.js"></script>',
  );
  await writeFile(join(folder, 'assets/main-Ab12Cd34.js'), 'export {};');
  await writeFile(join(folder, 'assets/model.onnx'), 'a model');
  await writeFile(join(folder, 'sw.js'), '// a service worker');
  await writeFile(join(folder, 'run.wasm'), Buffer.of(0, 97, 115, 109));
  await writeFile(join(folder, '.secret'), 'not for anybody');
  await writeFile(join(folder, '..', `${folder.split('/').at(-1)}-outside`), 'outside');
  models = await mkdtemp(join(tmpdir(), 'agewise-models-'));
  await mkdir(join(folder, 'models'));
  await writeFile(join(folder, 'models/index.json'), '["small"]');
  await writeFile(join(folder, 'models/own.onnx'), "the page's own");
  await writeFile(join(models, 'small.onnx'), 'a small model');
  await writeFile(join(models, 'own.onnx'), "the package's");
  await writeFile(join(models, 'small.md'), 'a card');
  const settings = settingsWith({ token: 'correct-horse-battery', rateLimit: 1 });
  const services = {
    settings,
    pool: poolOf(() => []),
    models: [],
    metrics: new Metrics(),
    bodies: new MemoryBudget(1e6),
  };
  app = await createApp({ services, version: '1.2.3', page: { folder, models } });
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
  await rm(models, { recursive: true });
  await rm(`${folder}-outside`);
});

it('serves the files of a page without a token, with headers that isolate it', async () => {
  const { statusCode, headers, body } = await app.inject('/');
  expect(statusCode).toBe(200);
  expect(body).toContain('<!doctype html>');
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  const policy = headers['content-security-policy'] as string;
  expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'/);
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
});

it.each([
  ['/', 'no-cache', 'text/html; charset=utf-8'],
  ['/index.html', 'no-cache', 'text/html; charset=utf-8'],
  ['/sw.js', 'no-cache', 'application/javascript; charset=utf-8'],
  ['/run.wasm', 'no-cache', 'application/wasm'],
  ['/assets/model.onnx', 'no-cache', undefined],
  [
    '/assets/main-Ab12Cd34.js',
    'public, max-age=31536000, immutable',
    'application/javascript; charset=utf-8',
  ],
])('%s is cached as %s', async (url, cache, type) => {
  const { statusCode, headers } = await app.inject(url);
  expect([statusCode, headers['cache-control']]).toEqual([200, cache]);
  if (type !== undefined) expect(headers['content-type']).toBe(type);
});

it('gives out models that the package holds outside its page', async () => {
  const { body, headers } = await app.inject('/models/small.onnx');
  expect([body, headers['cache-control']]).toEqual(['a small model', 'no-cache']);
  expect((await app.inject('/models/own.onnx')).body).toBe("the page's own");
  expect((await app.inject('/models/index.json')).body).toBe('["small"]');
  expect((await app.inject('/models/small.md')).statusCode).not.toBe(200);
});

it('answers 304 for a current copy, 206 for a part, and HEAD without a body', async () => {
  const { headers } = await app.inject('/sw.js');
  const again = await app.inject({ url: '/sw.js', headers: { 'if-none-match': String(headers.etag) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  const part = await app.inject({ url: '/assets/model.onnx', headers: { range: 'bytes=2-' } });
  expect([part.statusCode, part.body]).toEqual([206, 'model']);
  const beyond = await app.inject({ url: '/assets/model.onnx', headers: { range: 'bytes=99-' } });
  expect(beyond.statusCode).toBe(416);
  const head = await app.inject({ method: 'HEAD', url: '/assets/model.onnx' });
  expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, '7', '']);
});

it('serves nothing else', async () => {
  const outside = `${folder.split('/').at(-1)}-outside`;
  for (const url of [
    '/.secret',
    '/assets',
    '/assets/',
    `/../${outside}`,
    `/%2e%2e/${outside}`,
    '/assets/../.secret',
    '/sw.js/',
    '/sw.js%00',
  ]) {
    const { statusCode, body } = await app.inject(url);
    expect([400, 401, 404, 429], url).toContain(statusCode);
    expect(body).not.toMatch(/not for anybody|outside/);
  }
});
