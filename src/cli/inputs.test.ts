import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { annotateImage } from '../vision/node.js';
import { expandInputs } from './inputs.js';

let root: string;

const FILES = [
  'p/photo10.jpg',
  'p/photo2.JPG',
  'p/notes.txt',
  'p/.hidden.jpg',
  'p/sub/deep/a.webp',
  'p/.git/b.png',
  'p/out/photo2.jpg',
  'p/[1].jpg',
  'phone/a.HEIC',
  'phone/b.heif',
  'phone/c.jxl',
  'phone/d.DNG',
  'phone/e.bmp',
  'mixed/a.jpg',
  'mixed/a.MOV',
  'mixed/b.ts',
  'mixed/b.mts',
  'empty/readme.md',
  'loop/a.jpg',
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'agewise-inputs-'));
  for (const file of FILES) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
  await symlink(join(root, 'loop'), join(root, 'loop/again'));
  await symlink(join(root, 'loop/a.jpg'), join(root, 'linked.jpg'));
  await symlink(join(root, 'p/out'), join(root, 'results'));
  await symlink(join(root, 'p'), join(root, 'album'));
});

afterAll(() => rm(root, { recursive: true }));

/** Names below the root. */
async function expand(given: string[], output?: string): Promise<string[]> {
  const inputs = await expandInputs(
    given.map((name) => join(root, name)),
    output && join(root, output),
  );
  return inputs.map(({ file }) => file.slice(root.length + 1));
}

describe('expandInputs', () => {
  it('takes the pictures of a folder, sorted, without hidden ones', async () => {
    expect(await expand(['p'])).toEqual([
      'p/[1].jpg',
      'p/out/photo2.jpg',
      'p/photo2.JPG',
      'p/photo10.jpg',
      'p/sub/deep/a.webp',
    ]);
  });

  it('leaves out the results of an earlier run', async () => {
    expect(await expand(['p'], 'p/out')).not.toContain('p/out/photo2.jpg');
    expect(await expand(['p/**/*.jpg'], 'p/out')).not.toContain('p/out/photo2.jpg');
    expect(await expand(['p/out'], 'p/out')).toEqual(['p/out/photo2.jpg']);
  });

  it('leaves out annotated copies, whichever run wrote them, but where they are named', async () => {
    const folder = join(root, 'marked');
    await mkdir(folder);
    const grey = { width: 40, height: 30, data: new Uint8Array(3600).fill(128) };
    await writeFile(join(folder, 'copy.jpg'), await annotateImage(grey, []));
    const only = 'only copies with marked faces, which --annotate wrote';
    for (const name of ['marked', 'marked/*.jpg']) {
      const [input] = await expandInputs([join(root, name)]);
      expect(input).toMatchObject({ error: expect.stringContaining(only) });
    }
    await writeFile(join(folder, 'copy.png'), await annotateImage(grey, [], { format: 'png' }));
    await writeFile(join(folder, 'picture.jpg'), '');
    expect(await expand(['marked'])).toEqual(['marked/picture.jpg']);
    expect(await expand(['marked/copy.jpg'])).toEqual(['marked/copy.jpg']);
  });

  it('leaves them out whichever link leads there', async () => {
    expect(await expand(['p'], 'results')).not.toContain('p/out/photo2.jpg');
    expect(await expand(['p/**/*.jpg'], 'results')).not.toContain('p/out/photo2.jpg');
    expect(await expand(['album'], 'p/out')).not.toContain('album/out/photo2.jpg');
  });

  it('passes over no picture of a folder that cannot be read', async () => {
    expect(await expand(['phone'])).toEqual([
      'phone/a.HEIC',
      'phone/b.heif',
      'phone/c.jxl',
      'phone/d.DNG',
      'phone/e.bmp',
    ]);
  });

  it('passes over no video in a folder of pictures', async () => {
    const [picture, ...others] = await expandInputs([join(root, 'mixed')]);
    expect(picture).toEqual({ file: join(root, 'mixed/a.jpg') });
    expect(others).toMatchObject([
      { error: expect.stringMatching(/a\.MOV: expected an image, found a video/) },
    ]);
    expect(await expandInputs([join(root, 'mixed/a.MOV')])).toEqual([{ file: join(root, 'mixed/a.MOV') }]);
  });

  it('takes every picture once, however inputs overlap', async () => {
    const again = ['loop/a.jpg', 'loop/*.jpg', 'loop/again', 'linked.jpg', 'gone.jpg', 'gone.jpg'];
    expect(await expand(['loop', ...again])).toEqual(['loop/a.jpg', 'gone.jpg']);
  });

  it('takes an address for no pattern', async () => {
    const file = 'https://example.org/a.jpg?size=1';
    expect(await expandInputs([file])).toEqual([{ file }]);
  });

  it('takes the URL of a file for its path', async () => {
    const path = join(root, 'loop/a.jpg');
    expect(await expandInputs([pathToFileURL(path).href, path])).toEqual([{ file: path }]);
    const elsewhere = 'file://elsewhere/a.jpg';
    expect(await expandInputs([elsewhere])).toEqual([{ file: elsewhere }]);
  });

  it('follows no link in circles', async () => {
    expect(await expand(['loop'])).toEqual(['loop/a.jpg']);
  });

  it('takes what a pattern matches, sorted, and files as they are named, in the order given', async () => {
    expect(await expand(['p/sub/**/*.webp', 'missing.jpg', 'p/notes.txt', 'p/photo*'])).toEqual([
      'p/sub/deep/a.webp',
      'missing.jpg',
      'p/notes.txt',
      'p/photo2.JPG',
      'p/photo10.jpg',
    ]);
  });

  it('prefers a file to the pattern that its name would be', async () => {
    expect(await expand(['p/[1].jpg'])).toEqual(['p/[1].jpg']);
  });

  it('keeps relative names relative', async () => {
    const here = process.cwd();
    process.chdir(join(root, 'empty'));
    try {
      const inputs = await expandInputs(['../p/{photo2,photo10}.*', './../p/sub', '-']);
      expect(inputs).toEqual([
        { file: '../p/photo2.JPG' },
        { file: '../p/photo10.jpg' },
        { file: '../p/sub/deep/a.webp' },
        { file: '-' },
      ]);
    } finally {
      process.chdir(here);
    }
  });

  it('reports which folder holds no pictures and which pattern matches nothing', async () => {
    const inputs = await expandInputs([join(root, 'empty'), join(root, '*.png')]);
    expect(inputs).toMatchObject([
      {
        error: expect.stringMatching(
          /empty: expected a folder with images \(\.jpg, .* or \.gif\), found none$/,
        ),
      },
      { error: expect.stringMatching(/\*\.png: expected files that match this pattern, found none$/) },
    ]);
  });
});
