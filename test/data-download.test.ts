import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agewise, MAIN, outcome, start } from './support/command.js';

const CONTENT = Buffer.alloc(4_000_000, 'a tar file, or so ');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const NAME = 'UTKFace.tar.gz';

let cwd: string;
let server: Server;
let mirror: string;
/** The `Range` of every GET. */
const ranges: (string | undefined)[] = [];
/** Whether the server stops in the middle, its connection open. */
let stalls = false;

beforeAll(async () => {
  expect(existsSync(MAIN), `${MAIN} is missing: npm run build`).toBe(true);
  cwd = await mkdtemp(join(tmpdir(), 'agewise-data-download-'));
  server = createServer((request, response) => {
    if (request.url !== `/sets/${NAME}`) return void response.writeHead(404).end();
    const { range } = request.headers;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const body = CONTENT.subarray(from);
    response.setHeader('etag', '"1"');
    response.setHeader('content-length', body.length);
    if (from > 0)
      response.setHeader('content-range', `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`);
    response.writeHead(from > 0 ? 206 : 200);
    if (request.method === 'HEAD') return void response.end();
    ranges.push(range);
    if (stalls) response.write(body.subarray(0, 1_000_000));
    else response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sets`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(cwd, { recursive: true });
});

const fetching = (folder: string, ...flags: string[]) =>
  agewise(['data', 'download', 'utkface', folder, '--mirror', mirror, ...flags], { cwd });

describe('agewise data download', () => {
  it('shows terms and addresses, and fetches nothing without a folder', async () => {
    const { code, stdout, stderr } = await agewise(['data', 'download', 'imdb'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/terms of use\n {2}\S/);
    expect(stdout).toContain('https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/static/imdb_crop.tar');
    expect(await readdir(cwd)).toEqual([]);
  });

  it('fetches nothing before the terms are accepted', async () => {
    const { code, stderr } = await fetching('unaccepted');
    expect(code).toBe(2);
    expect(stderr).toBe('agewise: the terms of use of utkface must be accepted: --accept-terms\n');
    expect(existsSync(join(cwd, 'unaccepted'))).toBe(false);
  });

  it('keeps a partial file when interrupted; the same command continues', async () => {
    stalls = true;
    const args = ['data', 'download', 'utkface', 'resumed', '--mirror', mirror, '--accept-terms'];
    const child = start(args, { cwd });
    const ended = outcome(child);
    const part = join(cwd, 'resumed', `${NAME}.part`);
    await expect
      .poll(async () => (existsSync(part) ? (await readFile(part)).length : 0), { timeout: 20_000 })
      .toBe(1_000_000);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 130,
      stderr: 'agewise: interrupted; the same command resumes the download\n',
    });
    expect(existsSync(join(cwd, 'resumed', NAME))).toBe(false);

    stalls = false;
    const again = await fetching('resumed', '--accept-terms', '--sha256', SHA256);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`${NAME}: done, checksum verified\n`);
    expect(again.stderr).toContain('resuming after 1000000 bytes');
    expect(ranges).toEqual([undefined, 'bytes=1000000-']);
    expect((await readFile(join(cwd, 'resumed', NAME))).equals(CONTENT)).toBe(true);
    expect(await readdir(join(cwd, 'resumed'))).toEqual([NAME]);

    const third = await fetching('resumed', '--accept-terms');
    expect(third.stdout).toContain(`${NAME}: already there\n`);
    expect(ranges).toHaveLength(2);
  });

  it('refuses a file with another checksum', async () => {
    const { code, stderr } = await fetching('wrong', '--accept-terms', '--sha256', 'b'.repeat(64));
    expect(code).toBe(1);
    expect(stderr).toContain(`expected a file of sha256 ${'b'.repeat(64)}, found ${SHA256}`);
    expect(await readdir(join(cwd, 'wrong'))).toEqual([`${NAME}.rejected`]);
  });

  it('reports what is missing', async () => {
    const flags = ['--mirror', `${mirror}/elsewhere`, '--accept-terms'];
    const { code, stderr } = await agewise(['data', 'download', 'utkface', 'missing', ...flags], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/elsewhere\/UTKFace\.tar\.gz: expected the file, the server answered 404/);
  });

  it.each([
    [['data', 'download', 'utkfac'], /did you mean 'utkface'/],
    [['data', 'download', 'utkface', 'x', '--file', 'UTKFace.tar.g'], /did you mean 'UTKFace\.tar\.gz'/],
    [['data', 'download', 'fairface', 'x', '--sha256', 'a'.repeat(64)], /3 would be downloaded/],
    [['data', 'download', 'utkface', 'x', '--sha256', 'abc'], /Expected 64 hexadecimal digits|64 hex/i],
    [['data', 'download', 'utkface', 'x', '--mirror', 'ftp://host'], /starts with https/],
    [
      ['data', 'download', 'agedb', 'x', '--accept-terms'],
      /cannot be downloaded by a program\. Ask the authors/,
    ],
    [['data', 'dwnload'], /did you mean 'agewise data download'\?/],
    [['data', 'fetch'], /unknown command 'fetch'; agewise data --help lists them/],
  ])('%j is wrong usage', async (args, sentence) => {
    const { code, stderr } = await agewise(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
