import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { trainingEnvironment } from './process-settings.js';

describe('trainingEnvironment', () => {
  it('adds large pages', () => {
    expect(trainingEnvironment({ A: 'b' })).toEqual({ A: 'b', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' });
  });

  it('keeps other tunables', () => {
    expect(trainingEnvironment({ GLIBC_TUNABLES: 'glibc.rtld.nns=2' })).toEqual({
      GLIBC_TUNABLES: 'glibc.rtld.nns=2:glibc.malloc.hugetlb=1',
    });
  });

  it("leaves the user's own choice", () => {
    const own = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' };
    expect(trainingEnvironment(own)).toBe(own);
  });
});

const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
const glibc = process.platform === 'linux' && header.glibcVersionRuntime !== undefined;
if (!glibc) console.log('This system has no glibc: programs that start themselves again are not tested.');

describe.skipIf(!glibc)('withProcessSettings', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'agewise-settings-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = path.join(folder, 'program.mts');
  const source = pathToFileURL(path.join(import.meta.dirname, 'process-settings.ts')).href;
  writeFileSync(
    script,
    `import { withProcessSettings } from '${source}';
    await withProcessSettings(async () => {
      const { GLIBC_TUNABLES: tunables, AGEWISE_PROCESS_SETTINGS: mark } = process.env;
      const [how, what] = process.argv.slice(2);
      if (how === 'answer') process.on(what, () => { console.log('got ' + what); process.exit(3); });
      console.log(JSON.stringify({ pid: process.pid, tunables, mark, given: process.argv.slice(2) }));
      if (how === 'exit') process.exit(Number(what));
      if (how === 'throw') throw new Error(what);
      if (how === 'kill') process.kill(process.pid, what);
      if (how !== undefined) setInterval(() => {}, 1000);
    });`,
  );

  async function start(given: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...given], {
      cwd: path.join(import.meta.dirname, '../..'),
      env: { ...process.env, GLIBC_TUNABLES: '', ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = JSON.parse((await lines.next()).value!) as {
      pid: number;
      tunables: string;
      mark?: string;
      given: string[];
    };
    return { child: child as ChildProcess, ended, first, lines };
  }

  it('runs the program once more, with the settings and the same arguments', async () => {
    const { child, ended, first, lines } = await start(['exit', '0', 'a b']);
    expect(first).toMatchObject({ tunables: 'glibc.malloc.hugetlb=1', given: ['exit', '0', 'a b'] });
    expect(first.mark).toBeUndefined();
    expect(first.pid).not.toBe(child.pid);
    expect((await lines.next()).done).toBe(true);
    expect(await ended).toEqual([0, null]);
  });

  it('runs in the same process if the settings are made', async () => {
    const { child, ended, first } = await start([], { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' });
    expect(first.pid).toBe(child.pid);
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    [
      ['exit', '7'],
      [7, null],
    ],
    [
      ['throw', 'no'],
      [1, null],
    ],
    [
      ['kill', 'SIGTERM'],
      [null, 'SIGTERM'],
    ],
    [
      ['kill', 'SIGKILL'],
      [null, 'SIGKILL'],
    ],
  ])('ends as the program does: %s', async (given, end) => {
    expect(await (await start(given)).ended).toEqual(end);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on', async (signal) => {
    const { child, ended, lines } = await start(['answer', signal]);
    child.kill(signal);
    expect((await lines.next()).value).toBe(`got ${signal}`);
    expect(await ended).toEqual([3, null]);
  });

  it('leaves nothing behind when it is killed', async () => {
    const { child, lines } = await start(['wait']);
    child.kill('SIGKILL');
    // The output ends with the last process that has it.
    expect((await lines.next()).done).toBe(true);
  });
});
