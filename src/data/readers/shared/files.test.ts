import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { picturesBelow } from './files.js';

it('follows links to folders, but none to a folder above', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agewise-links-'));
  try {
    await mkdir(join(folder, 'set', '25'), { recursive: true });
    await mkdir(join(folder, 'elsewhere'));
    await writeFile(join(folder, 'set', '25', 'a.jpg'), '');
    await writeFile(join(folder, 'elsewhere', 'b.jpg'), '');
    await symlink('../elsewhere', join(folder, 'set', '30'));
    await symlink('..', join(folder, 'set', '25', 'up'));
    await symlink('.', join(folder, 'set', '25', 'same'));
    expect(await picturesBelow(join(folder, 'set'))).toEqual(['25/a.jpg', '30/b.jpg']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
