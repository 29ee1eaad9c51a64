import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from './download.js';
import { type TransferProgress, transfer } from './transfer.js';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i + (i >> 8)) % 251));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const MD5 = createHash('md5').update(CONTENT).digest('hex');

let server: Server;
let address: string;
let folder: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
/** Method and headers of every request. */
let requests: { method: string; range: string | undefined; ifRange: string | undefined }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    requests.push({ method: request.method!, range, ifRange: ifRange as string | undefined });
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((closed) => server.close(closed)));

beforeEach(async () => {
  requests = [];
  folder = await mkdtemp(join(tmpdir(), 'agewise-download-'));
});

afterEach(() => rm(folder, { recursive: true }));

const quick = { pauses: () => 1 };

/** The answer that breaks once so many bytes of the file have arrived. */
let breaking: { readonly response: ServerResponse; readonly bytes: number } | undefined;
/** Of transfers that break. */
const broken = {
  ...quick,
  onProgress({ done }: TransferProgress) {
    if (breaking !== undefined && done >= breaking.bytes) breaking.response.destroy();
  },
};

interface Serving {
  readonly etag?: string;
  /** Answers a request for a part with the whole. */
  readonly ignoresRange?: boolean;
  /** Breaks the connection after this number of bytes, at the given requests (0-based). */
  readonly breakAfter?: number;
  readonly breakAt?: readonly number[];
  readonly content?: Buffer;
}

/** A server as RFC 9110 has it, with the faults that are asked for. */
function serve({
  etag = '"a"',
  ignoresRange = false,
  breakAfter,
  breakAt = [0],
  content = CONTENT,
}: Serving) {
  let gets = 0;
  answer = (request, response) => {
    breaking = undefined;
    const current = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = range && current && !ignoresRange ? Number(range[1]) : 0;
    const part = content.subarray(start);
    response.setHeader('etag', etag);
    response.setHeader('content-type', 'application/x-tar');
    response.setHeader('content-length', part.length);
    if (range && current && !ignoresRange) {
      response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
      response.writeHead(206);
    } else response.writeHead(200);
    if (request.method === 'HEAD') return void response.end();
    if (breakAfter !== undefined && breakAt.includes(gets++)) {
      breaking = { response, bytes: start + breakAfter };
      response.write(part.subarray(0, breakAfter));
    } else response.end(part);
  };
}

describe('a transfer', () => {
  it('that breaks resumes if it broke, if the file is still the same', async () => {
    serve({ breakAfter: 100_000, breakAt: [0, 1] });
    const notes: string[] = [];
    const target = join(folder, 'set.tar');
    await transfer(`${address}/set.tar`, target, {
      ...broken,
      sha256: SHA256,
      onNote: (note) => notes.push(note),
    });
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
    expect(requests.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      ['bytes=100000-', '"a"'],
      ['bytes=200000-', '"a"'],
    ]);
    expect(await readdir(folder)).toEqual(['set.tar']);
    expect(notes[0]).toBe('set.tar: the connection broke after 100000 of 300000 bytes; trying again');
    expect(notes[1]).toBe('set.tar: resuming after 100000 bytes');
  });

  it('starts over if the server ignores what was requested', async () => {
    serve({ breakAfter: 100_000, ignoresRange: true });
    const target = join(folder, 'set.tar');
    const notes: string[] = [];
    await transfer(`${address}/set.tar`, target, { ...broken, md5: MD5, onNote: (note) => notes.push(note) });
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
    expect(notes.at(-1)).toMatch(/starting over$/);
  });

  it('starts over if the file has changed meanwhile', async () => {
    serve({ etag: '"old"', breakAfter: 100_000, breakAt: [0, 1, 2, 3, 4, 5, 6] });
    const target = join(folder, 'set.tar');
    const stop = new AbortController();
    const first = transfer(`${address}/set.tar`, target, {
      ...broken,
      signal: stop.signal,
      onNote: () => stop.abort(),
    });
    await expect(first).rejects.toThrow(/abort/i);
    const changed = Buffer.from(CONTENT).reverse();
    serve({ etag: '"new"', content: changed });
    await transfer(`${address}/set.tar`, target, quick);
    expect((await readFile(target)).equals(changed)).toBe(true);
    expect(requests.at(-1)).toMatchObject({ range: 'bytes=100000-', ifRange: '"old"' });
  });

  it('that is interrupted keeps what has come, and the next one continues', async () => {
    serve({});
    const target = join(folder, 'set.tar');
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(
      transfer(`${address}/set.tar`, target, { ...quick, signal: stop.signal, onProgress }),
    ).rejects.toThrow(/abort/i);
    expect((await readdir(folder)).sort()).toEqual(['set.tar.part', 'set.tar.part.json']);
    const kept = (await readFile(`${target}.part`)).length;
    expect(kept).toBeGreaterThan(0);
    await transfer(`${address}/set.tar`, target, { ...quick, sha256: SHA256 });
    expect(requests.at(-1)!.range).toBe(`bytes=${kept}-`);
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
  });

  it('finishes what lacks nothing but its name', async () => {
    serve({});
    const target = join(folder, 'set.tar');
    await writeFile(`${target}.part`, CONTENT);
    await writeFile(`${target}.part.json`, JSON.stringify({ url: `${address}/set.tar`, validator: '"a"' }));
    answer = (_, response) => response.writeHead(416, { 'content-range': `bytes */${CONTENT.length}` }).end();
    await transfer(`${address}/set.tar`, target, { ...quick, sha256: SHA256 });
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
  });

  it('does not append to the beginning of something else', async () => {
    serve({});
    const target = join(folder, 'set.tar');
    await writeFile(`${target}.part`, 'something else');
    await writeFile(`${target}.part.json`, JSON.stringify({ url: 'http://elsewhere/', validator: '"a"' }));
    await transfer(`${address}/set.tar`, target, quick);
    expect(requests).toEqual([{ method: 'GET', range: undefined, ifRange: undefined }]);
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
  });

  it('is not taken up again with a weak ETag, which does not vouch for bytes', async () => {
    serve({ etag: 'W/"a"', breakAfter: 100_000 });
    await transfer(`${address}/set.tar`, join(folder, 'set.tar'), broken);
    expect(requests.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  it('of a file that is there requests nothing', async () => {
    await writeFile(join(folder, 'set.tar'), 'there');
    expect(await transfer(`${address}/set.tar`, join(folder, 'set.tar'))).toBe('there');
    expect(requests).toEqual([]);
  });

  it.each([['md5'], ['sha256']] as const)('of another %s is refused and put aside', async (algorithm) => {
    serve({});
    const expected = algorithm === 'md5' ? 'f'.repeat(32) : 'f'.repeat(64);
    const found = algorithm === 'md5' ? MD5 : SHA256;
    await expect(
      transfer(`${address}/set.tar`, join(folder, 'set.tar'), { ...quick, [algorithm]: expected }),
    ).rejects.toThrow(`expected a file of ${algorithm} ${expected}, found ${found}`);
    expect(await readdir(folder)).toEqual(['set.tar.rejected']);
  });

  it.each([
    [404, /expected the file, the server answered 404 Not Found; the authors may have moved it$/],
    [403, /the server answered 403 Forbidden$/],
  ])('that is answered %i is given up at once', async (status, sentence) => {
    answer = (_, response) => response.writeHead(status).end();
    await expect(transfer(`${address}/set.tar`, join(folder, 'set.tar'), quick)).rejects.toThrow(sentence);
    expect(requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('that the server cannot answer now is tried again, and given up in the end', async () => {
    answer = (_, response) => response.writeHead(503).end();
    await expect(transfer(`${address}/set.tar`, join(folder, 'set.tar'), quick)).rejects.toThrow(
      /the server answered 503 Service Unavailable$/,
    );
    expect(requests).toHaveLength(6);
  });

  it('does not take a web page for the file', async () => {
    answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Confirm');
    await expect(transfer(`${address}/set.tar`, join(folder, 'set.tar'), quick)).rejects.toThrow(
      /expected a file, found a web page/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not take a file that ends too early for whole', async () => {
    serve({ breakAfter: 100_000, breakAt: Array.from({ length: 9 }, (_, i) => i), ignoresRange: true });
    // A server that breaks each time but sends something is asked again and again.
    await transfer(`${address}/set.tar`, join(folder, 'set.tar'), broken);
    expect(requests.length).toBe(10);
    expect((await readFile(join(folder, 'set.tar'))).equals(CONTENT)).toBe(true);
  });

  it('reports whom it could not reach', async () => {
    const gone = createServer();
    await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/set.tar`;
    await new Promise((closed) => gone.close(closed));
    await expect(transfer(url, join(folder, 'set.tar'), quick)).rejects.toThrow(
      `${url}: expected the server, found the connection refused`,
    );
  });
});

describe('an address with secrets', () => {
  it('gives its user to the server, and does not show it in the message', async () => {
    let asked: string | undefined;
    answer = (request, response) => {
      asked = request.headers.authorization;
      response.writeHead(403).end();
    };
    const secret = `${address.replace('//', '//anna:geheim@')}/set.tar?token=geheim`;
    const error = await transfer(secret, join(folder, 'set.tar'), quick).catch((e: Error) => e.message);
    expect(error).toMatch(/^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/set\.tar\?token=\*\*\*: .* 403 Forbidden$/);
    expect(asked).toBe(`Basic ${btoa('anna:geheim')}`);
    const file = { name: 'set.tar', url: secret };
    await expect(download([file], folder, quick)).rejects.not.toThrow(/geheim/);
  });
});

describe('the beginning of a file from an address with secrets', () => {
  it('keeps none of them, and is resumed only from the same address', async () => {
    const target = join(folder, 'set.tar');
    const begin = async (token: string) => {
      serve({ breakAfter: 100_000 });
      const stop = new AbortController();
      const url = `${address.replace('//', '//anna:geheim@')}/set.tar?token=${token}`;
      const options = { ...broken, signal: stop.signal, onNote: () => stop.abort() };
      await expect(transfer(url, target, options)).rejects.toThrow(/abort/i);
      return requests.at(-1)!.range;
    };
    expect(await begin('first')).toBeUndefined();
    expect(await readFile(`${target}.part.json`, 'utf8')).not.toMatch(/geheim|first|anna/);
    expect(await begin('second')).toBeUndefined();
    expect(await begin('second')).toBe('bytes=100000-');
  });
});

describe('two transfers of one file at once', () => {
  it('do not write into the same beginning: the second is refused, and finds it there afterwards', async () => {
    serve({});
    const target = join(folder, 'set.tar');
    const both = await Promise.allSettled([0, 1].map(() => transfer(`${address}/set.tar`, target, quick)));
    const [refused, ...others] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(others).toEqual([]);
    expect(refused.message).toMatch(`${target}: process ${process.pid} on `);
    expect((await readFile(target)).equals(CONTENT)).toBe(true);
    expect(await transfer(`${address}/set.tar`, target, quick)).toBe('there');
    expect(await readdir(folder)).toEqual(['set.tar']);
  });
});

describe('what no other attempt would mend', () => {
  const notes: string[] = [];
  const options = { ...quick, onNote: (note: string) => void notes.push(note) };
  beforeEach(() => notes.splice(0));

  it.each([
    ['a server that speaks no TLS', () => address.replace('http:', 'https:')],
    ['a port that fetch does not take', () => 'http://127.0.0.1:1/set.tar'],
  ])('is tried once: %s', async (_, url) => {
    answer = (_request, response) => response.end();
    await expect(transfer(url(), join(folder, 'set.tar'), options)).rejects.toThrow(/the connection failed/);
    expect(notes).toEqual([]);
  });
});

describe('a download of several files', () => {
  const files = ['a.tar', 'b.tar'].map((name) => ({
    name,
    holds: 'test',
    get url() {
      return `${address}/${name}`;
    },
  }));

  it('fetches each, and those that are there not again', async () => {
    serve({});
    await writeFile(join(folder, 'a.tar'), 'there');
    const outcomes: string[] = [];
    await download(files, folder, {
      ...quick,
      onFile: ({ name }, outcome) => void outcomes.push(`${name} ${outcome}`),
    });
    expect(outcomes).toEqual(['a.tar there', 'b.tar fetched']);
    expect(await readFile(join(folder, 'a.tar'), 'utf8')).toBe('there');
  });

  it('that the disk cannot hold is not started', async () => {
    answer = (request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'content-length': String(5e18) }).end();
      else response.writeHead(500).end();
    };
    await expect(download(files, folder, quick)).rejects.toThrow(
      /expected 10 EB of free space in '.*', found \d[\d.]* [kMGTP]?B$/,
    );
    expect(requests.every(({ method }) => method === 'HEAD')).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not started either if one file is missing', async () => {
    answer = (request, response) => response.writeHead(request.url === '/b.tar' ? 404 : 200).end();
    await expect(download(files, folder, quick)).rejects.toThrow(/b\.tar: expected the file, .* 404/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('does without HEAD, and learns from the answer that the disk is too small', async () => {
    answer = (request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else {
        response.writeHead(200, { 'content-length': String(4e18) });
        response.write('beginning');
      }
    };
    await expect(download(files, folder, quick)).rejects.toThrow(/a\.tar: expected 4 EB of free space/);
    expect(await readdir(folder)).toEqual([]);
  });
});
