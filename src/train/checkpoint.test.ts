import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onSmallDisk } from '../../test/support/small-disk.js';
import { float32, type Tensor, tensorValues } from '../onnx/index.js';
import { CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bits = (t: Tensor) => Array.from(new Uint32Array((tensorValues(t) as Float32Array).slice().buffer));

describe('checkpoints', () => {
  it('keep state and progress, and leave no other file', async () => {
    const path = join(folder, 'kept', 'last.safetensors');
    const state = new Map([['w', float32('w', [1], [4])]]);
    await saveCheckpoint(path, { state, progress: { step: 1 } });
    await saveCheckpoint(path, { state, progress: { step: 2 } });
    const read = await loadCheckpoint<{ step: number }>(path);
    expect(read.progress).toEqual({ step: 2 });
    expect(bits(read.state.get('w')!)).toEqual(bits(state.get('w')!));
    expect(await readdir(join(folder, 'kept'))).toEqual(['last.safetensors']);
  });

  it('leave the last good one if the next cannot be written', async () => {
    const path = join(folder, 'good.safetensors');
    await saveCheckpoint(path, { state: new Map(), progress: 1 });
    const before = await readFile(path);
    const wrong = new Map([['w', { ...float32('w', [1], [1]), dtype: 'string' as const }]]);
    await expect(saveCheckpoint(path, { state: wrong, progress: 2 })).rejects.toThrow(CheckpointError);
    expect(await readFile(path)).toEqual(before);
  });

  it('leave the last good one, and nothing else, if the disk is full', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    await onSmallDisk(disk, async () => {
      const path = join(disk, 'last.safetensors');
      const zeros = (count: number) => new Map([['w', float32('w', [count], new Float32Array(count))]]);
      await saveCheckpoint(path, { state: zeros(4096), progress: 1 });
      const before = await readFile(path);
      await expect(saveCheckpoint(path, { state: zeros(16384), progress: 2 })).rejects.toThrow(
        `Checkpoint '${path}' cannot be written: the disk is full`,
      );
      expect(await readFile(path)).toEqual(before);
      expect(await readdir(disk)).toEqual(['last.safetensors']);
    });
  });

  it('name a file that is missing or damaged', async () => {
    await expect(loadCheckpoint(join(folder, 'none'))).rejects.toThrow(/'.*none' cannot be read/);
    const path = join(folder, 'damaged');
    await writeFile(path, 'text that is no checkpoint');
    await expect(loadCheckpoint(path)).rejects.toThrow(CheckpointError);
  });
});
