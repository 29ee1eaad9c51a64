import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileKeys, makeFolder, makeNamedFolder, realPath } from './paths.js';

let root: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'agewise-paths-')));
  await mkdir(join(root, 'folder'));
  await writeFile(join(root, 'folder/file'), '');
  await writeFile(join(root, 'other'), '');
  await link(join(root, 'folder/file'), join(root, 'hard'));
  await symlink('folder', join(root, 'soft'));
  await symlink('nowhere', join(root, 'dangling'));
  await symlink('circle', join(root, 'circle'));
});

afterAll(() => rm(root, { recursive: true }));

describe('realPath', () => {
  it('follows links, also above what does not exist', async () => {
    expect(await realPath(join(root, 'soft/file'))).toBe(join(root, 'folder/file'));
    expect(await realPath(join(root, 'soft/new/a.jpg'))).toBe(join(root, 'folder/new/a.jpg'));
    expect(await realPath('not-there/a.jpg')).toBe(join(await realpath('.'), 'not-there/a.jpg'));
  });
});

describe('fileKeys', () => {
  it.each([
    ['soft/file', true],
    ['hard', true],
    ['other', false],
    ['folder/new', false],
  ])('shows whether %s is the same file', async (path, same) => {
    const keys = await fileKeys(join(root, 'folder/file'));
    expect((await fileKeys(join(root, path))).some((key) => keys.includes(key))).toBe(same);
  });
});

describe('makeFolder', () => {
  it('makes what is missing, and leaves what is there', async () => {
    await makeFolder(join(root, 'soft/a/b/c'));
    expect((await stat(join(root, 'folder/a/b/c'))).isDirectory()).toBe(true);
    await makeFolder(join(root, 'soft'));
    expect(existsSync(join(root, 'folder/file'))).toBe(true);
  });

  it.each([
    ['other', 'a file is in the way'],
    ['other/a/b', 'a file is in the way'],
    ['dangling/a', 'a link that leads nowhere is in the way'],
    ['circle/a', 'it cannot be created: its links lead in a circle'],
  ])('reports why not of %s', async (path, problem) => {
    await expect(makeFolder(join(root, path))).rejects.toMatchObject({ message: problem, kind: 'usage' });
  });

  it.skipIf(process.platform !== 'linux')(
    'gives up if the system takes no folders (Linux only)',
    async () => {
      await expect(makeNamedFolder('--out', '/proc/nope/deeper')).rejects.toMatchObject({
        message: "--out: expected a folder '/proc/nope/deeper', it cannot be created: it does not exist",
        kind: 'failed',
      });
    },
  );
});
