import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type FolderEntry, sortedEntries } from './sorted-entries.js';

let folder: string;
let temporary: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-entries-'));
  temporary = await mkdtemp(join(tmpdir(), 'agewise-entries-tmp-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  await rm(temporary, { recursive: true });
});

async function found(most: number, keep = (_: FolderEntry) => true): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  for await (const entry of await sortedEntries(folder, keep, most)) entries.push(entry);
  return entries;
}

/** In natural order. */
const NAMES = [
  '.hidden.jpg',
  '1.jpg',
  'Äpfel.jpg',
  'b\n.jpg',
  'photo2.jpg',
  'photo10.jpg',
  'photo11.jpg',
  'ž.jpg',
];

it('are in natural order, the same whether they fit into memory or not', async () => {
  for (const name of NAMES.toReversed()) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'photo3'));
  await symlink(join(folder, '1.jpg'), join(folder, 'photo12.jpg'));
  const all = await found(100);
  const names = all.map(({ name }) => name);
  expect(names.filter((name) => NAMES.includes(name))).toEqual(NAMES);
  expect(names.slice(names.indexOf('photo2.jpg'))).toEqual([
    'photo2.jpg',
    'photo3',
    'photo10.jpg',
    'photo11.jpg',
    'photo12.jpg',
    'ž.jpg',
  ]);
  expect(all.filter(({ kind }) => kind !== 'f')).toEqual([
    { name: 'photo3', kind: 'd' },
    { name: 'photo12.jpg', kind: 'l' },
  ]);
  for (const most of [1, 2, 3, 7, 10]) expect(await found(most)).toEqual(all);
  expect(await found(2, ({ name }) => name.startsWith('photo1'))).toEqual(
    all.filter(({ name }) => name.startsWith('photo1')),
  );
});

it('leave nothing in the temporary folder, even if not all are taken', async () => {
  for (const name of NAMES) await writeFile(join(folder, name), '');
  await found(2);
  for await (const _ of await sortedEntries(folder, () => true, 2)) {
    expect(await readdir(temporary)).toHaveLength(1);
    break;
  }
  expect(await readdir(temporary)).toEqual([]);
});

it('of a folder that cannot be listed are an error of the system', async () => {
  await expect(sortedEntries(join(folder, 'none'), () => true)).rejects.toMatchObject({ code: 'ENOENT' });
});
