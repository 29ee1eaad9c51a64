import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeWholeFile } from './whole-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-whole-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('replaces a file, and leaves nothing else', async () => {
  await writeFile(join(folder, 'a'), 'old');
  await writeWholeFile(join(folder, 'a'), 'new');
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['a']);
});

it.skipIf(process.platform === 'win32')('replaces no pipe, nor a link to one', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('pipe', join(folder, 'link'));
  for (const name of ['pipe', 'link']) {
    await expect(writeWholeFile(join(folder, name), 'new')).rejects.toThrow(
      'it is a pipe, which a file cannot replace',
    );
  }
  expect((await lstat(join(folder, 'pipe'))).isFIFO()).toBe(true);
  expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  expect(await readdir(folder)).toEqual(['link', 'pipe']);
});

it.skipIf(process.platform === 'win32')(
  'writes files whose names are as long as the system allows',
  async () => {
    const names = ['x'.repeat(255), '顔'.repeat(85)];
    const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    await writeFile(join(folder, `${'顔'.repeat(60)}.partial-${pid}`), 'left by a process that has ended');
    for (const name of names) await writeWholeFile(join(folder, name), name);
    expect(await readdir(folder)).toEqual(names);
    expect(await readFile(join(folder, names[1]!), 'utf8')).toBe(names[1]);
  },
);
