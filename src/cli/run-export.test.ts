import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AgewiseError } from '../errors/index.js';
import { LogError } from '../train/index.js';
import { runExport } from './run-export.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-export-'));
  await writeFile(join(folder, 'there.onnx'), 'a model');
});
afterAll(() => rm(folder, { recursive: true }));

describe('runExport', () => {
  it.each<[string, string[], string]>([
    ['a run without a file', ['out.onnx'], "expected a run and the file to write, found only 'out.onnx'"],
    ['a file of another kind', ['run', 'out.bin'], 'out.bin: expected the name of the file to write'],
    ['a file that is there', ['run', 'there.onnx'], 'expected a new name, found an existing file or folder'],
    ['a folder that is not there', ['run', 'none/out.onnx'], "folder 'FOLDER/none' does not exist"],
    ['a folder that holds no run', ['.', 'out.onnx'], "run.json' cannot be read"],
  ])('says of %s in one sentence what is wrong', async (_, paths, message) => {
    const given = paths.map((path) =>
      path === 'out.onnx' && paths.length === 1 ? path : join(folder, path),
    );
    const work = runExport(given, {});
    await expect(work).rejects.toThrow(AgewiseError);
    await expect(runExport(given, {})).rejects.toThrow(message.replace('FOLDER', folder));
    await work.catch((error: Error) => expect(error.message).not.toContain('\n'));
  });

  it('restores Ctrl-C', async () => {
    const before = process.listenerCount('SIGINT');
    await expect(runExport([folder, join(folder, 'out.onnx')], {})).rejects.toThrow(LogError);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('adds a model to a repository for Triton, version after version', async () => {
    const repository = join(folder, 'triton');
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((_text, done) => {
      if (typeof done === 'function') (done as () => void)();
      return true;
    });
    try {
      expect(await runExport([], { triton: repository })).toBe(0);
      expect(await runExport(['agewise-base'], { triton: repository, json: true })).toBe(0);
      expect(String(write.mock.calls.at(-1)![0])).toContain('"version":2');
    } finally {
      write.mockRestore();
    }
    expect(await readdir(join(repository, 'agewise-base'))).toEqual(['1', '2', 'config.pbtxt']);
    await expect(runExport(['agewise-base', 'run'], { triton: repository })).rejects.toThrow(
      "--triton: expected one model, or runs, found 'agewise-base' and 'run'",
    );
    await expect(runExport(['agewise-base'], { triton: repository, int8: true })).rejects.toThrow(
      "--int8: expected a run with it, found the model 'agewise-base'",
    );
    await expect(runExport([folder], { triton: repository })).rejects.toThrow("run.json' cannot be read");
  });
});
