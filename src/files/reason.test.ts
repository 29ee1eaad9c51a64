import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reasonOf } from './reason.js';

it('says in words why the system refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agewise-reason-'));
  const refused = (path: string) => writeFile(join(folder, path), '').catch(reasonOf);
  expect(await refused('x'.repeat(300))).toBe('its name is too long');
  expect(await refused('missing/x')).toBe('it does not exist');
  await rm(folder, { recursive: true });
  for (const code of ['EFBIG', 'EIO', 'EMFILE', 'EROFS']) {
    const error = Object.assign(new Error(`${code}: as libuv says it, write`), { code });
    expect(reasonOf(error)).not.toContain('libuv');
  }
});

it("leaves other errors' messages as they are", () => {
  expect(reasonOf(new Error('it is odd'))).toBe('it is odd');
});
