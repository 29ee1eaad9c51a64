import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fillEmptyFolder } from './own-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-own-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string) => writeFile(join(folder, name), '');
const start = (name: string) => fillEmptyFolder(folder, {}, () => write(name));

it('a start leaves only the run', async () => {
  await start('run.json');
  expect(await readdir(folder)).toEqual(['run.json']);
});

it('a start that was killed before the run could be resumed is begun anew', async () => {
  await new Promise<void>((resolve) => {
    void fillEmptyFolder(folder, {}, async () => {
      await write('graph.onnx');
      resolve();
      return new Promise(() => {});
    });
  });
  await start('run.json');
  expect(await readdir(folder)).toEqual(['run.json']);
});

it('a run whose start was killed is kept, and so is what is not of a start', async () => {
  await write('run.json');
  await write('run.begun');
  await expect(start('other')).rejects.toThrow('found a run');
  await rm(join(folder, 'run.json'));
  await rm(join(folder, 'run.begun'));
  await write('graph.onnx');
  await expect(start('other')).rejects.toThrow("found 'graph.onnx' in it");
  expect(await readdir(folder)).toEqual(['graph.onnx']);
});
