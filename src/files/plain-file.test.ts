import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { notAFileAt, notAFileAtSync } from './plain-file.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-plain-'));
  await writeFile(join(folder, 'file'), '');
  await symlink('/dev/zero', join(folder, 'link'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe')]);
});

afterAll(() => rm(folder, { recursive: true }));

it.skipIf(process.platform === 'win32').each([
  ['file', undefined],
  ['.', 'a folder'],
  ['pipe', 'a pipe'],
  ['link', 'a device'],
  ['none', 'no such file'],
  ['file/below', 'no such file'],
  ['\ufffd', 'no such file, or one whose name is not UTF-8'],
])('%s is told as %s, without being opened', async (name, found) => {
  expect(await notAFileAt(join(folder, name))).toBe(found);
  expect(notAFileAtSync(join(folder, name))).toBe(found);
});
