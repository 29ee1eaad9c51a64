import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { label, planAnnotations, writeAnnotation } from './annotations.js';
import { UsageError } from './usage.js';

async function plan(files: string[], folder = 'out', cwd = '/home/me'): Promise<string[]> {
  return [...(await planAnnotations(files, folder, cwd)).values()];
}

describe('planAnnotations', () => {
  it.each([
    ['a.jpg', 'out/a.jpg'],
    ['x/y/a.PNG', 'out/x/y/a.PNG'],
    ['./x/../a.jpg', 'out/a.jpg'],
    ['/home/me/x/a.jpg', 'out/x/a.jpg'],
    ['../you/a.jpg', 'out/home/you/a.jpg'],
    ['/data/a.jpg', 'out/data/a.jpg'],
    ['..a.jpg', 'out/..a.jpg'],
    ['a.webp', 'out/a.webp.png'],
    ['a', 'out/a.png'],
    ['-', 'out/stdin.jpg'],
  ])('writes %s to %s', async (file, path) => {
    expect(await plan([file])).toEqual([path]);
  });

  it('keeps equal names apart, and one picture together', async () => {
    expect(await plan(['x/a.jpg', 'y/a.jpg', 'data/a.jpg', '/data/a.jpg', './data/a.jpg'])).toEqual([
      'out/x/a.jpg',
      'out/y/a.jpg',
      'out/data/a.jpg',
      'out/data/a-2.jpg',
      'out/data/a.jpg',
    ]);
    expect(await plan(['a.webp', 'a.webp.png'])).toEqual(['out/a.webp.png', 'out/a.webp-2.png']);
  });

  it('refuses to overwrite a picture', async () => {
    await expect(plan(['a.jpg'], '.')).rejects.toThrow(UsageError);
    await expect(plan(['a.jpg', 'x/a.jpg'], 'x')).rejects.toThrow("would overwrite the picture 'x/a.jpg'");
  });
});

describe('planAnnotations among links', () => {
  let cwd: string;

  beforeAll(async () => {
    cwd = await realpath(await mkdtemp(join(tmpdir(), 'agewise-annotations-')));
    await mkdir(join(cwd, 'photos'));
    await mkdir(join(cwd, 'copies'));
    await mkdir(join(cwd, 'deep/er'), { recursive: true });
    for (const file of ['a.jpg', 'b.jpg', 'photos/a.jpg', 'photos/b.jpg', 'deep/a.jpg']) {
      await writeFile(join(cwd, file), '');
    }
    await symlink('.', join(cwd, 'here'));
    await symlink('photos', join(cwd, 'album'));
    await symlink('deep/er', join(cwd, 'er'));
    await mkdir(join(cwd, 'partly'));
    await symlink('../photos', join(cwd, 'partly/photos'));
    await symlink('../a.jpg', join(cwd, 'copies/a.jpg'));
    await link(join(cwd, 'b.jpg'), join(cwd, 'copies/b.jpg'));
    await mkdir(join(cwd, 'merged/photos'), { recursive: true });
    await symlink('photos', join(cwd, 'merged/album'));
  });

  afterAll(() => rm(cwd, { recursive: true }));

  it.each([
    ['a folder that leads to the pictures', ['a.jpg'], 'here'],
    ['one that leads there further down', ['photos/a.jpg'], 'partly'],
    ['pictures given by a link', ['album/a.jpg', 'a.jpg'], 'photos'],
    ['a copy that is a link to its picture', ['a.jpg'], 'copies'],
    ['a copy that shares its picture’s bytes', ['b.jpg'], 'copies'],
    ['a picture above the target of a link', ['er/../a.jpg', 'a.jpg'], 'deep'],
  ])('refuses to overwrite a picture by %s', async (_, files, folder) => {
    await expect(plan(files, folder, cwd)).rejects.toThrow(/would overwrite the picture/);
  });

  it('keeps copies apart that a link would bring together', async () => {
    expect(await plan(['photos/a.jpg', 'album/a.jpg'], 'merged', cwd)).toEqual([
      'merged/photos/a.jpg',
      'merged/album/a-2.jpg',
    ]);
  });
});

describe('label', () => {
  it('shows age, spread and gender', () => {
    const age = { age: 34.4, std: 7.6 };
    expect(label({ ...age, gender: { label: 'female', probability: 0.92 } })).toBe('34 ±8 ♀ 92%');
    expect(label({ ...age, gender: { label: 'male', probability: 0.998 } })).toBe('34 ±8 ♂ 100%');
    expect(label(age)).toBe('34 ±8');
  });
});

describe('writeAnnotation', () => {
  let root: string;
  let picture: Uint8Array;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'agewise-copies-'));
    picture = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    await mkdir(join(root, 'out'));
    await mkdir(join(root, 'elsewhere'));
    await writeFile(join(root, 'elsewhere/a.png'), 'mine');
  });

  afterAll(() => rm(root, { recursive: true }));

  it('replaces a link in its place, and leaves what that leads to', async () => {
    const copy = join(root, 'out/a.png');
    await symlink(join(root, 'elsewhere/a.png'), copy);
    await writeAnnotation(picture, [], copy, join(root, 'out'));
    expect((await lstat(copy)).isFile()).toBe(true);
    expect(await readFile(join(root, 'elsewhere/a.png'), 'utf8')).toBe('mine');
    expect(await readdir(join(root, 'out'))).toEqual(['a.png']);
  });

  it('follows no link to a folder, but the folder may be one', async () => {
    await symlink(join(root, 'elsewhere'), join(root, 'out/sub'));
    const written = writeAnnotation(picture, [], join(root, 'out/sub/b.png'), join(root, 'out'));
    await expect(written).rejects.toThrow(/out\/sub' is a link, which is not followed$/);
    expect(await readdir(join(root, 'elsewhere'))).toEqual(['a.png']);
    await symlink(join(root, 'elsewhere'), join(root, 'linked'));
    await writeAnnotation(picture, [], join(root, 'linked/b.png'), join(root, 'linked'));
    expect(await readdir(join(root, 'elsewhere'))).toEqual(['a.png', 'b.png']);
  });
});
