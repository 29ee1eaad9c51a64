import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LockHolder, takeLock } from './lock.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-lock-'));
  path = join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const take = () => takeLock(path, ({ pid, host }) => new Error(`held by ${pid} on ${host}`));
const left = (holder: Partial<LockHolder>) => writeFile(path, `${JSON.stringify(holder)}\n`);

it('is held by one at a time, names its process, and leaves nothing', async () => {
  const release = await take();
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  await expect(take()).rejects.toThrow(`held by ${process.pid} on ${hostname()}`);
  await release();
  await (await take())();
  expect(await readdir(folder)).toEqual([]);
});

it('is held by one of many that ask at once, even if a crash has left one behind', async () => {
  await left({ pid: await goneProcess(), host: hostname() });
  const attempts = await Promise.allSettled(Array.from({ length: 8 }, take));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(folder)).toEqual(['a.lock']);
});

it.each([
  ['a process that is gone', async () => ({ pid: await goneProcess(), host: hostname() })],
  [
    'a process whose number another has now',
    async () => {
      return { pid: process.pid, host: hostname(), started: 'before 1' };
    },
  ],
])('of %s does not block others', async (_, holder) => {
  if (process.platform !== 'linux' && (await holder()).pid === process.pid) {
    console.log('skipped: only Linux says when a process started');
    return;
  }
  await left(await holder());
  await (await take())();
});

it('whose writer crashed within does not block others', async () => {
  await writeFile(path, '{"pid":');
  await (await take())();
});

it('waits for a process whose parent is gone, and for no other', async () => {
  const dying = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300)']);
  await once(dying, 'spawn');
  const gone = once(dying, 'exit');
  const patiently = () => takeLock(path, ({ pid }) => new Error(`held by ${pid}`), 60_000);
  await left({ pid: dying.pid!, host: hostname(), parent: process.pid });
  await expect(patiently()).rejects.toThrow(`held by ${dying.pid}`);
  await left({ pid: dying.pid!, host: hostname(), parent: await goneProcess() });
  await expect(take()).rejects.toThrow(`held by ${dying.pid} on`);
  await (await patiently())();
  await gone;
});

it('of another machine is left alone', async () => {
  await left({ pid: 1, host: 'elsewhere' });
  await expect(take()).rejects.toThrow('held by 1 on elsewhere');
});

async function goneProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid!;
}
