/** What attackers and broken networks send, over real connections: never a crash, and the next good request is answered. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { random as seeded } from '../../test/support/execute.js';
import { createApp } from './app.js';
import { Metrics } from './metrics.js';
import { MemoryBudget, multipartFiles } from './requests/index.js';
import { exchange, logOf, poolOf, type RunTasks, settingsWith } from './testing.js';
import type { PictureAnswer } from './workers/index.js';

const ANSWER: PictureAnswer = { width: 64, height: 48, faces: [] };
const MOST_BODY = 100_000;

let app: FastifyInstance;
let port = 0;
let bodies: MemoryBudget;
const log = logOf();
/** The number of cancelled tasks. */
let cancelled = 0;
/** How long a picture takes, in ms. */
let takes = 0;

beforeAll(async () => {
  const settings = settingsWith({
    headSeconds: 0.5,
    receiveSeconds: 1,
    maxBodyMegabytes: MOST_BODY / 1e6,
    maxHeldMegabytes: 0.25,
    answerSeconds: 2,
    logLevel: 'error',
  });
  bodies = new MemoryBudget(settings.maxHeldMegabytes * 1e6);
  const run: RunTasks = (tasks, signal) =>
    tasks.map(async () => {
      if (takes > 0)
        await pause(takes, undefined, { ...(signal && { signal }) }).catch(() => {
          cancelled++;
          throw signal!.reason;
        });
      return { answer: ANSWER, waited: 0, worked: takes };
    });
  const services = { settings, pool: poolOf(run), models: [], metrics: new Metrics(), bodies };
  app = await createApp({ services, version: '1.2.3', log });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as { port: number }).port;
});
afterAll(() => app.close());
beforeEach(() => {
  cancelled = 0;
  takes = 0;
  log.lines.length = 0;
});

async function expectWell(): Promise<void> {
  const url = `http://127.0.0.1:${port}/v1/estimate`;
  const response = await fetch(url, { method: 'POST', body: 'good' });
  expect([response.status, await response.json()]).toEqual([200, ANSWER]);
  await expect.poll(() => bodies.used).toBe(0);
  expect(log.lines).toEqual([]);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const HEAD = `POST /v1/estimate HTTP/1.1\r\nHost: a\r\n`;

describe('a malformed request', () => {
  it.each<[string, string, number]>([
    ['bytes other than HTTP', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    ['a head of more than 16 kB', `${HEAD}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a flood of headers', `${HEAD}${'X: a\r\n'.repeat(10_000)}\r\n`, 431],
    ['two lengths', `${HEAD}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
    ['a length and chunks', `${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a chunk of no length', `${HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400],
    ['a length that is too large', `${HEAD}Content-Length: 100001\r\n\r\n`, 413],
    ['a length beyond all numbers', `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`, 400],
    [
      'a malformed type',
      `${HEAD}Content-Type: nonsense;;\r\nContent-Length: 1\r\nConnection: close\r\n\r\na`,
      415,
    ],
    ['an unknown method', 'BREW /v1/estimate HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['half an escape in the path', 'GET /%f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ])('with %s is refused', async (_, request, status) => {
    expect(statusOf(await exchange(port, request))).toBe(status);
    await expectWell();
  });

  it('with a chunked body that grows too large is refused', async () => {
    const chunk = `8000\r\n${'a'.repeat(0x8000)}\r\n`;
    const answer = await exchange(port, `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, ...Array(8).fill(chunk));
    // If the connection is reset while the client still sends, the answer may be lost.
    expect([413, Number.NaN]).toContain(statusOf(answer));
    await expectWell();
  });

  it('gets 200 or 4xx: 600 forms with bytes changed, cut and moved', async () => {
    const random = seeded(19);
    const whole = [0, 1, 2]
      .map(
        (i) =>
          `--b\r\nContent-Disposition: form-data; name="i"; filename="${i}"\r\n\r\n${'x'.repeat(40)}\r\n`,
      )
      .join('');
    const original = Buffer.from(`${whole}--b--\r\n`);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 600; i++) {
      let body = Buffer.from(original);
      for (let n = 1 + Math.floor(random() * 6); n > 0; n--) {
        const at = Math.floor(random() * body.length);
        const kind = random();
        if (kind < 0.5) body[at] = Math.floor(random() * 256);
        else if (kind < 0.7) body = body.subarray(0, Math.max(1, at));
        else if (kind < 0.85) body = Buffer.concat([body.subarray(at), body.subarray(0, at)]);
        else body = Buffer.concat([body.subarray(0, at), body]);
      }
      const boundary = random() < 0.9 ? 'b' : String.fromCharCode(33 + Math.floor(random() * 90));
      const { statusCode } = await app.inject({
        method: 'POST',
        url: '/v1/estimate',
        payload: body,
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      });
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status !== 200 && (status < 400 || status > 499))).toEqual(
      [],
    );
    expect(statuses.get(200)).toBeGreaterThan(20);
    expect(statuses.get(400)).toBeGreaterThan(100);
    await expectWell();
  });
});

describe('a form with very many parts', () => {
  const boundary = 'b'.repeat(70);
  it.each([
    ['without a head', `--${boundary}\r\n\r\n\r\n`],
    ['with a name', `--${boundary}\r\nContent-Disposition: form-data; name="i"\r\n\r\n\r\n`],
    ['without any complete part', `--${boundary}`],
  ])('%s is refused without parsing', async (_, part) => {
    const body = Buffer.alloc(20e6, part);
    const start = performance.now();
    const refused = multipartFiles(body, `multipart/form-data; boundary=${boundary}`, 16);
    await expect(refused).rejects.toThrow('request: expected at most 16 images, found more');
    // A parser takes seconds.
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('does not delay other requests, nor does one with a large part', async () => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="i"\r\n\r\n`;
    const part = Buffer.alloc(20e6, `\r\n--${boundary.slice(1)}`);
    const body = Buffer.concat([Buffer.from(head), part, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    let turns = 0;
    let count = setImmediate(function again() {
      turns++;
      count = setImmediate(again);
    });
    const files = await multipartFiles(body, `multipart/form-data; boundary="${boundary}"`, 16);
    clearImmediate(count);
    expect(files.map((file) => file.equals(part))).toEqual([true]);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('a slow client', () => {
  it('is cut off while it sends the head', async () => {
    const start = performance.now();
    const answer = await dripped('a', `${HEAD}X-Long: `);
    expect(statusOf(answer)).toBe(408);
    expect(performance.now() - start).toBeLessThan(4_000);
    await expectWell();
  });

  it('is cut off while it sends the body, whose memory is released', async () => {
    const answer = await dripped('a'.repeat(60_000), `${HEAD}Content-Length: 60000\r\n\r\n`);
    expect(statusOf(answer)).toBe(408);
    await expectWell();
  });

  it('shares a limit on unfinished bodies with all others', async () => {
    const waiting = Array.from({ length: 3 }, () =>
      exchange(port, `${HEAD}Content-Length: 99000\r\n\r\n`, 'a'.repeat(90_000)),
    );
    const statuses = (await Promise.all(waiting)).map(statusOf).sort();
    // Two have room; they are cut off, since the rest of them never comes.
    expect(statuses).toEqual([408, 408, 503]);
    await expectWell();
  });

  /** Sends a byte at a time until the server ends it. */
  function dripped(text: string, before = ''): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let [answer, at] = ['', 0];
      const drip = setInterval(() => socket.write(text[at++ % text.length]!), 20);
      socket.on('data', (data) => {
        answer += data.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(drip);
        resolve(answer);
      });
      if (before !== '') socket.write(before);
    });
  }
});

describe('a client that does not read its answers', () => {
  it('is disconnected', async () => {
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    const [ours] = await accepted;
    const closed = once(ours, 'close');
    // More than the buffers of both ends hold.
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2_000));
    await closed;
    socket.destroy();
    await expectWell();
  });
});

describe('an answer that takes too long', () => {
  it('is cancelled with 503, and the client may try again', async () => {
    takes = 30_000;
    const url = `http://127.0.0.1:${port}/v1/estimate`;
    const response = await fetch(url, { method: 'POST', body: 'slow' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({
      detail: 'request: it took too long; try again later',
    });
    expect(cancelled).toBe(1);
    takes = 0;
    await expectWell();
  });
});

describe('a client that disconnects', () => {
  it('in the middle of a body leaves nothing behind', async () => {
    const sockets = Array.from({ length: 5 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.write(`${HEAD}Content-Length: 40000\r\n\r\n${'a'.repeat(20_000)}`);
    }
    await expect.poll(() => bodies.used).toBe(100_000);
    for (const socket of sockets) socket.destroy();
    await expectWell();
  });

  it('before the answer cancels its tasks', async () => {
    takes = 30_000;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${HEAD}Content-Length: 4\r\n\r\nabcd`);
    await expect.poll(() => bodies.used).toBe(4);
    await pause(50);
    socket.destroy();
    await expect.poll(() => cancelled).toBe(1);
    takes = 0;
    await expectWell();
  });
});
