/** The server as a command, with its real child processes. */
import { type ChildProcessWithoutNullStreams, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgeEstimator, faceRecord } from '../src/estimate/index.js';
import { readMetadata } from '../src/metadata/index.js';
import { readModelFile } from '../src/onnx/file.js';
import { agewise, MAIN, start } from './support/command.js';
import { random as seeded } from './support/execute.js';
import { freePort } from './support/redis.js';

const ROOT = join(import.meta.dirname, '..');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
const TOKEN = 'correct-horse-battery';
const TIMEOUT = 180_000;

interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly address: string;
  /** Standard output and standard error so far. */
  output(): string;
  readonly exit: Promise<number | null>;
}

const running: Running[] = [];
let cwd: string;
let face: Buffer;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-serve-'));
  face = await sharp(PHOTO).extract({ left: 330, top: 280, width: 320, height: 400 }).jpeg().toBuffer();
});
afterEach(async () => {
  for (const { process, exit } of running.splice(0)) {
    process.kill('SIGKILL');
    await exit;
  }
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function serve(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Running> {
  return listening(start(['serve', '--port', '0', '--workers', '1', ...args], { cwd, env }));
}

/** Waits until it says where it listens. */
async function listening(child: ChildProcessWithoutNullStreams): Promise<Running> {
  let text = '';
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      text += chunk;
      const found = /Server listening at (http[^"]+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void exit.then((code) => reject(new Error(`It ended with ${code}: ${text}`)));
  });
  const server = { process: child, address, output: () => text, exit };
  running.push(server);
  return server;
}

const estimate = (address: string, body: Buffer, query = '', headers: Record<string, string> = {}) =>
  fetch(`${address}/v1/estimate${query}`, { method: 'POST', body: new Uint8Array(body), headers });

/** Asks over a connection of its own; the status, or 0 where there is no answer. */
const estimateOnce = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method: 'POST', path: '/v1/estimate', agent: false };
    const sent = request(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    });
    sent.on('error', () => resolve(0)).end(face);
  });

/** What runs a client; undefined, with a line, where it is not installed. */
async function commandOf(language: string, code: string): Promise<string[] | undefined> {
  const found = (program: string, ...args: string[]) =>
    promisify(execFile)(program, args).then(
      () => true,
      () => false,
    );
  if (language === 'ts') {
    await writeFile(join(cwd, 'client.mts'), code);
    return [process.execPath, '--import', import.meta.resolve('tsx'), 'client.mts'];
  }
  const modules = code.includes('requests') ? 'import requests' : 'import json';
  const installed =
    language === 'sh' ? await found('curl', '--version') : await found('python3', '-c', modules);
  if (!installed) {
    console.log(`skipped: what runs this client is not installed:\n${code}`);
    return undefined;
  }
  return language === 'sh' ? ['sh', '-c', code] : ['python3', '-c', code];
}

const detailOf = async (response: Response) => ((await response.json()) as { detail: string }).detail;

/** Of 98 megapixels and 100 kB; interlaced, so that no row is whole before all are decoded. */
async function largePicture(): Promise<Buffer> {
  const side = 9_900;
  return sharp(Buffer.alloc(side * side), { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('b-w')
    .png({ progressive: true })
    .toBuffer();
}

/** The child processes of a process (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

describe('agewise serve', () => {
  it(
    'answers like the library, and answers all accepted requests before it ends by SIGTERM',
    async () => {
      const { process: child, address, output, exit } = await serve();
      const response = await estimate(address, face, '?distribution=true&atLeast=18');
      const estimator = await AgeEstimator.load({ threads: 1 });
      const { width, height, faces } = await estimator.estimate(face);
      await estimator.dispose();
      expect(faces).toHaveLength(1);
      const details = { distribution: true, atLeast: [18] };
      expect(await response.json()).toEqual({
        width,
        height,
        faces: JSON.parse(JSON.stringify(faces.map((one) => faceRecord(one, details)))),
      });

      const accepted = Array.from({ length: 12 }, () => estimate(address, face));
      await expect
        .poll(async () => (await fetch(`${address}/readyz`)).json(), { timeout: 10_000 })
        .toMatchObject({
          busy: 1,
        });
      child.kill('SIGTERM');
      const statuses = (await Promise.all(accepted)).map(({ status }) => status);
      expect(statuses.every((status) => status === 200)).toBe(true);
      expect(await exit).toBe(0);
      expect(output()).toContain('"msg":"ending"');
    },
    TIMEOUT,
  );

  it(
    'is replaced under deploy/cluster.mjs without losing a request',
    async () => {
      const port = await freePort();
      const command = [join(ROOT, 'deploy/cluster.mjs'), MAIN, '--port', String(port), '--workers', '1'];
      const server = await listening(spawn(process.execPath, command, { cwd }));
      const statuses: number[] = [];
      let ended = false;
      const clients = Array.from({ length: 4 }, async () => {
        while (!ended) statuses.push(await estimateOnce(port));
      });
      server.process.kill('SIGHUP');
      await expect.poll(server.output, { timeout: 60_000 }).toContain('"msg":"ending"');
      expect(server.output().match(/Server listening/g)).toHaveLength(2);
      const before = statuses.length;
      await expect.poll(() => statuses.length, { timeout: 30_000 }).toBeGreaterThan(before + 8);
      ended = true;
      await Promise.all(clients);
      expect([...new Set(statuses)]).toEqual([200]);
      server.process.kill('SIGTERM');
      expect(await server.exit).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'answers the client programs of docs/SERVER.md',
    async () => {
      const { address } = await serve([], { AGEWISE_SERVE_TOKEN: TOKEN });
      for (const name of ['photo.jpg', 'a.jpg', 'b.jpg']) await writeFile(join(cwd, name), face);
      const docs = await readFile(join(ROOT, 'docs/SERVER.md'), 'utf8');
      const clients = /### Clients\n(.*?)\n##/s.exec(docs)![1]!;
      const blocks = [...clients.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, code]) => ({
        language: language!,
        code: code!.replaceAll('http://127.0.0.1:8080', address),
      }));
      expect(blocks.map(({ language }) => language)).toEqual(['sh', 'ts', 'python', 'python']);
      for (const { language, code } of blocks) {
        const command = await commandOf(language, code);
        if (command === undefined) continue;
        const [program, ...args] = command as [string, ...string[]];
        const { stdout } = await promisify(execFile)(program, args, { cwd, env: { ...process.env, TOKEN } });
        expect(stdout, code).toMatch(/\d\d\.\d/);
      }
    },
    TIMEOUT,
  );

  it(
    'survives 600 damaged pictures, answers each by 200 or 4xx, and then a good one',
    async () => {
      const { address, output } = await serve(['--picture-seconds', '10']);
      const small = sharp(face).resize(96, 120);
      const originals = await Promise.all([
        small.clone().jpeg().toBuffer(),
        small.clone().jpeg({ progressive: true }).toBuffer(),
        small.clone().png().toBuffer(),
        small.clone().webp().toBuffer(),
        small.clone().avif({ effort: 0 }).toBuffer(),
      ]);
      const random = seeded(7);
      const statuses = new Map<number, number>();
      for (let i = 0; i < 600; i++) {
        let body = Buffer.from(originals[i % originals.length]!);
        for (let n = 1 + Math.floor(random() * 8); n > 0; n--) {
          // Heads decide most.
          const at = Math.floor(random() ** 3 * body.length);
          if (random() < 0.85) body[at] = Math.floor(random() * 256);
          else body = body.subarray(0, Math.max(1, at));
        }
        const { status } = await estimate(address, body);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      expect([...statuses.keys()].sort().filter((status) => status !== 200)).toEqual([422]);
      expect(statuses.get(422)).toBeGreaterThan(150);
      expect((await estimate(address, face)).status).toBe(200);
      expect(
        output()
          .split('\n')
          .filter((line) => line.includes('"level":40')),
      ).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'refuses a picture of too many pixels before it is decoded, and one that takes too long',
    async () => {
      const bomb = (width: number) =>
        sharp({ create: { width, height: width, channels: 3, background: '#777' } })
          .png({ compressionLevel: 9 })
          .toBuffer();
      const { address } = await serve(['--max-megapixels', '40', '--picture-seconds', '0.3']);
      const large = await estimate(address, await bomb(6400));
      expect([large.status, await detailOf(large)]).toEqual([
        422,
        'image: expected an image of at most 40 megapixels, found 6400 × 6400 pixels',
      ]);
      const slow = await estimate(address, await bomb(6300));
      expect([slow.status, await detailOf(slow)]).toEqual([
        422,
        'image: it took longer than a picture may take',
      ]);
      await expect.poll(async () => (await fetch(`${address}/readyz`)).status, { timeout: 30_000 }).toBe(200);
    },
    TIMEOUT,
  );

  it.skipIf(process.platform !== 'linux')(
    'survives children that run out of memory (Linux only)',
    async () => {
      const {
        process: child,
        address,
        output,
      } = await serve([
        ...['--max-megapixels', '99', '--picture-seconds', '60', '--worker-megabytes', '450'],
      ]);
      const large = await largePicture();
      const refused = await estimate(address, large);
      expect([refused.status, await detailOf(refused)]).toEqual([
        422,
        'image: it took more memory than a picture may take',
      ]);
      expect(output()).toContain('"reason":"memory"');
      expect((await estimate(address, face)).status).toBe(200);

      // The system itself refuses memory: a little more than the process has, and no more.
      const [worker] = await childrenOf(child.pid!);
      const status = await readFile(`/proc/${worker}/status`, 'latin1');
      const bytes = 1024 * Number(/^VmSize:\s+(\d+)/m.exec(status)![1]) + 30e6;
      execFileSync('prlimit', ['--pid', String(worker), `--as=${Math.round(bytes)}`]);
      expect([422, 503]).toContain((await estimate(address, large)).status);
      expect((await fetch(`${address}/healthz`)).status).toBe(200);
      await expect.poll(async () => (await estimate(address, face)).status, { timeout: 30_000 }).toBe(200);
    },
    TIMEOUT,
  );

  it(
    'answers clients of the Open Inference Protocol, and verifies ages',
    async () => {
      const { address } = await serve();
      const json = async (response: Response) => (await response.json()) as Record<string, never>;
      const expected = await json(await estimate(address, face));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(face.length);
      const head = Buffer.from(
        JSON.stringify({
          id: 'a',
          inputs: [
            {
              name: 'image',
              datatype: 'BYTES',
              shape: [1],
              parameters: { binary_data_size: face.length + 4 },
            },
          ],
        }),
      );
      const infer = (model: string, body: Buffer, headers: Record<string, string> = {}) =>
        fetch(`${address}/v2/models/${model}/infer`, { method: 'POST', body: new Uint8Array(body), headers });
      const pipeline = await json(
        await infer('agewise', Buffer.concat([head, length, face]), {
          'Inference-Header-Content-Length': String(head.length),
        }),
      );
      const [{ data }] = pipeline.outputs as unknown as [{ readonly data: [string] }];
      expect(JSON.parse(data[0])).toEqual(expected);

      // In JSON a face has a megabyte, which a child process reads.
      const path = join(import.meta.dirname, '../models/agewise-base.onnx');
      const { width: side } = readMetadata(await readModelFile(path), path).input;
      const image = {
        name: 'image',
        datatype: 'FP32',
        shape: [1, 3, side, side],
        data: Array(3 * side * side).fill(0.5),
      };
      const network = await json(
        await infer('agewise-base', Buffer.from(JSON.stringify({ inputs: [image] }))),
      );
      const [age, gender] = network.outputs as unknown as {
        readonly shape: number[];
        readonly data: number[];
      }[];
      expect([age!.shape, gender!.shape]).toEqual([
        [1, 101],
        [1, 2],
      ]);
      expect(age!.data.reduce((a, b) => a + b)).toBeCloseTo(1, 4);

      const verify = (query: string) =>
        fetch(`${address}/v1/verify${query}`, { method: 'POST', body: new Uint8Array(face) });
      expect(await json(await verify('?age=1&challenge=1'))).toMatchObject({ verdict: 'pass', faces: 1 });
      expect(await json(await verify('?age=18&challenge=99'))).toMatchObject({ verdict: 'refer' });
      expect((await fetch(address)).status).toBe(200);
    },
    TIMEOUT,
  );

  it.skipIf(process.platform !== 'linux')(
    'replaces a killed child, and still answers its request (Linux only)',
    async () => {
      const { process: child, address, output } = await serve();
      const [before] = await childrenOf(child.pid!);
      const answers = Array.from({ length: 6 }, () => estimate(address, face));
      await expect.poll(async () => (await fetch(`${address}/readyz`)).json()).toMatchObject({ busy: 1 });
      process.kill(before!, 'SIGKILL');
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(6).fill(200));
      const [after] = await childrenOf(child.pid!);
      expect(after).not.toBe(before);
      expect(output()).toContain('"reason":"crashed"');
    },
    TIMEOUT,
  );

  it.skipIf(process.platform !== 'linux')(
    'leaves no trace of pictures, names or tokens on a disk or in a log (Linux only)',
    async () => {
      const env = { AGEWISE_SERVE_TOKEN: TOKEN, TMPDIR: cwd };
      const { process: child, address, output } = await serve([], env);
      const marked = Buffer.concat([face, Buffer.from('a-mark-that-nobody-else-has')]);
      const form = new FormData();
      form.append('image', new Blob([new Uint8Array(marked)]), 'secret-name.jpg');
      const authorization = `Bearer ${TOKEN}`;
      const answered = await fetch(`${address}/v1/estimate`, {
        method: 'POST',
        body: form,
        headers: { authorization },
      });
      expect(answered.status).toBe(200);
      expect((await estimate(address, marked)).status).toBe(401);
      const [worker] = await childrenOf(child.pid!);
      const environment = await readFile(`/proc/${worker}/environ`, 'latin1');
      expect(environment).not.toContain(TOKEN);
      for (const pid of [child.pid!, worker!]) {
        for (const handle of await readdir(`/proc/${pid}/fd`)) {
          const target = await readFile(`/proc/${pid}/fdinfo/${handle}`, 'latin1').catch(() => '');
          expect(target).not.toContain('secret');
        }
      }
      child.kill('SIGTERM');
      await running[0]!.exit;
      expect(output()).not.toMatch(/secret-name|a-mark|correct-horse/);
      expect(output()).toMatch(/"settings":\{.*"token":"\(set\)"\}/);
      for (const file of await readdir(cwd, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain('a-mark');
      }
    },
    TIMEOUT,
  );

  it(
    'checks its settings and models, prints them without secrets, and ends',
    async () => {
      const env = { AGEWISE_SERVE_TOKEN: TOKEN };
      const checked = await agewise(['serve', '--check', '--port', '81', '--workers', '1'], { cwd, env });
      expect([checked.code, checked.stderr]).toEqual([0, '']);
      expect(checked.stdout).toContain('port: 81\n');
      expect(checked.stdout).toContain('token: (set)\n');
      expect(checked.stdout).not.toContain(TOKEN);
      const proxy = await agewise(['serve', '--check', '--trust-proxy', 'proxy.example.org'], { cwd });
      expect([proxy.code, proxy.stderr]).toEqual([
        2,
        'agewise: trustProxy: expected an IP address, a range such as 10.0.0.0/8, or one of loopback, linklocal, ' +
          "uniquelocal, found 'proxy.example.org'\n",
      ]);
      const refused = await agewise(['serve', '--check', '--model', 'agewise-bse'], { cwd });
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /^agewise: Model 'agewise-bse' is neither .*did you mean 'agewise-base'\?\n$/,
      );
    },
    TIMEOUT,
  );
});
