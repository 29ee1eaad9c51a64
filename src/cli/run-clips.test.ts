import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planClips } from './run-clips.js';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agewise-clips-')));
  for (const name of ['a', 'b', 'marked']) await mkdir(join(folder, name));
  for (const name of ['a/clip.mp4', 'b/clip.mp4', 'b/Clip.mov']) await writeFile(join(folder, name), name);
});
afterEach(() => rm(folder, { recursive: true }));

describe('copies of videos', () => {
  it('have names of their own, also where videos of several folders are called alike', async () => {
    const files = ['a/clip.mp4', 'b/clip.mp4', 'b/Clip.mov'].map((name) => join(folder, name));
    const plan = await planClips(files, 'marked');
    expect(files.map((file) => plan.get(file))).toEqual(['marked/clip', 'marked/clip-2', 'marked/Clip-3']);
  });

  it('overwrite none of the videos, also through links', async () => {
    const file = join(folder, 'a/clip.mp4');
    const moved = join(folder, 'b/Clip.mov');
    await expect(planClips([file], join(folder, 'a'))).rejects.toThrow(
      /^--annotate .*\/a would overwrite the video '.*\/a\/clip\.mp4'; name a folder without videos$/,
    );
    await expect(planClips([moved], join(folder, 'b'))).resolves.toEqual(
      new Map([[moved, join(folder, 'b/Clip')]]),
    );
    await symlink(file, join(folder, 'marked/clip.mp4'));
    await expect(planClips([file], join(folder, 'marked'))).rejects.toThrow('would overwrite the video');
  });
});
