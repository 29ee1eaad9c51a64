import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolders } from './make-folders.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-folders-'));
});
afterAll(() => rm(folder, { recursive: true }));

const codeOf = (path: string) =>
  makeFolders(path).then(
    () => 'made',
    ({ code }) => code,
  );

it('makes missing parents, and says which was the outermost', async () => {
  const inner = join(folder, 'a', 'b', 'c');
  expect(await makeFolders(inner)).toBe(join(folder, 'a'));
  expect((await stat(inner)).isDirectory()).toBe(true);
  expect(await makeFolders(inner)).toBeUndefined();
  const many = await Promise.all(Array.from({ length: 8 }, () => makeFolders(join(folder, 'x', 'y'))));
  expect(many.length).toBe(8);
});

it('reports what is in the way', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await codeOf(join(folder, 'file'))).toBe('EEXIST');
  expect(await codeOf(join(folder, 'file', 'below'))).toBe('ENOTDIR');
});

it.skipIf(process.platform !== 'linux')('reports why the system refuses', async () => {
  expect(await codeOf('/proc/agewise/below')).toBe('ENOENT');
  // Containers see /sys as a read-only disk.
  expect(['EROFS', 'EPERM', 'EACCES']).toContain(await codeOf('/sys/agewise/below'));
});
