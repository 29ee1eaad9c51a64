import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModelFileError } from './error.js';
import { locate } from './locate.js';

const hashOf = (content: string) => createHash('sha256').update(content).digest('hex');

let server: Server;
let address: string;
let cache: string;
/** What the server has, by path. */
let files: Record<string, string>;
let requests: { path: string; range: string | undefined }[];
/** Breaks the connection of the next answer after this number of bytes. */
let breakAfter: number | undefined;

/** Whether a file of the cache has so many bytes. */
async function isKept(bytes: number): Promise<boolean> {
  for (const entry of await readdir(cache, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && (await stat(join(entry.parentPath, entry.name))).size === bytes) return true;
  }
  return false;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const { range } = request.headers;
    requests.push({ path, range });
    const content = files[path];
    if (content === undefined) return void response.writeHead(404).end();
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.setHeader('etag', '"1"');
    response.setHeader('content-length', content.length - start);
    if (range) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
    response.writeHead(range ? 206 : 200);
    if (breakAfter === undefined) return void response.end(content.slice(start));
    const kept = start + breakAfter;
    response.write(content.slice(start, kept));
    void vi.waitUntil(() => isKept(kept), { timeout: 30_000 }).then(() => response.destroy());
    breakAfter = undefined;
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

beforeEach(async () => {
  files = { '/a/weights.h5': 'some weights', '/b/weights.h5': 'others' };
  requests = [];
  breakAfter = undefined;
  cache = await mkdtemp(join(tmpdir(), 'agewise-cache-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const quick = { pauses: () => 1 };

describe('an address', () => {
  it('is fetched once, under its own name and apart from others of that name', async () => {
    const path = await locate(`${address}/a/weights.h5`, { cache });
    expect(path).toMatch(/\/weights\.h5$/);
    expect(await readFile(path, 'utf8')).toBe('some weights');
    expect(await locate(`${address}/a/weights.h5`, { cache })).toBe(path);
    expect(requests).toHaveLength(1);
    expect(await readFile(await locate(`${address}/b/weights.h5`, { cache }), 'utf8')).toBe('others');
  });

  it('goes into agewise in $XDG_CACHE_HOME', async () => {
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const path = await locate(`${address}/a/weights.h5?download=1`);
    expect(dirname(dirname(path))).toBe(join(cache, 'agewise'));
    expect(path).toMatch(/\/weights\.h5$/);
  });

  it('resumes if the connection broke, and reports how far it is', async () => {
    breakAfter = 5;
    const notices: string[] = [];
    const phases = new Set<string>();
    const path = await locate(`${address}/a/weights.h5#sha256=${hashOf('some weights')}`, {
      ...quick,
      cache,
      onNotice: (text) => notices.push(text),
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(await readFile(path, 'utf8')).toBe('some weights');
    expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=5-']);
    expect(notices.join()).toMatch(/broke after 5 of 12 bytes.*resuming after 5 bytes/);
    expect([...phases]).toEqual(['receiving', 'checking']);
  });

  it('whose file has another hash is refused, and leaves none of its name', async () => {
    const refused = locate(`${address}/a/weights.h5`, { cache, sha256: 'b'.repeat(64) });
    await expect(refused).rejects.toThrow(ModelFileError);
    await expect(refused).rejects.toThrow(
      `expected a file of sha256 ${'b'.repeat(64)}, found ${hashOf('some weights')}`,
    );
    const [folder] = await readdir(cache);
    expect(await readdir(join(cache, folder!))).toEqual(['weights.h5.rejected']);
  });

  it('is fetched again where what was fetched has another hash than is requested', async () => {
    await locate(`${address}/a/weights.h5`, { cache });
    files['/a/weights.h5'] = 'newer weights';
    const notices: string[] = [];
    const path = await locate(`${address}/a/weights.h5`, {
      cache,
      sha256: hashOf('newer weights'),
      onNotice: (text) => notices.push(text),
    });
    expect(await readFile(path, 'utf8')).toBe('newer weights');
    expect(notices).toEqual([
      `${address}/a/weights.h5: the cached file has another SHA-256; downloading it again`,
    ]);
  });

  it('of a TensorFlow.js model brings the files of its weights along', async () => {
    files['/m/model.json'] = JSON.stringify({ weightsManifest: [{ paths: ['one.bin', 'two.bin'] }] });
    files['/m/one.bin'] = '1';
    files['/m/two.bin'] = '2';
    const path = await locate(`${address}/m/model.json`, { cache });
    expect((await readdir(dirname(path))).sort()).toEqual(['model.json', 'one.bin', 'two.bin']);
  });

  it('of a TensorFlow.js model whose weights are elsewhere is refused', async () => {
    files['/m/model.json'] = JSON.stringify({ weightsManifest: [{ paths: ['../one.bin'] }] });
    await expect(locate(`${address}/m/model.json`, { cache })).rejects.toThrow(
      "its weights '../one.bin' are not beside it",
    );
  });

  it('with nothing there is refused in one sentence', async () => {
    const refused = locate(`${address}/none.h5`, { ...quick, cache });
    await expect(refused).rejects.toThrow(ModelFileError);
    await expect(refused).rejects.toThrow(`${address}/none.h5: expected the file, the server answered 404`);
  });
});

describe('a source', () => {
  it('that is no address is a path', async () => {
    expect(await locate('folder/weights.h5')).toBe('folder/weights.h5');
  });

  it('with two hashes that differ is refused', async () => {
    const path = join(cache, 'file');
    await writeFile(path, 'text');
    await expect(locate(`${path}#sha256=${hashOf('text')}`, { sha256: 'a'.repeat(64) })).rejects.toThrow(
      ModelFileError,
    );
  });

  it('with a hash must be a file', async () => {
    await expect(locate(join(cache, 'none'), { sha256: 'a'.repeat(64) })).rejects.toThrow('no such file');
  });

  it('may be a model that ships', async () => {
    expect(await locate('shipped:agewise-base')).toMatch(/models\/agewise-base\.onnx$/);
    await expect(locate('shipped:none')).rejects.toThrow(
      /shipped:none: expected a shipped model, one of .*agewise-base/,
    );
  });

  it('may be a backbone that is made here, and says how if it was not', async () => {
    await expect(locate('made:none')).rejects.toThrow(
      /^made:none: expected the file '.*backbones\/none\.onnx', which `npm run models` or scripts\/models\/train-shipped\.sh makes, found none$/,
    );
  });
});
