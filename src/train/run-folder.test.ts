import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BEGINNING, loadProgress, saveProgress } from './run-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-run-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('reads a time below 0, which a clock that was set back left behind, as 0', async () => {
  await saveProgress(folder, new Map(), { ...BEGINNING, step: 7, seconds: -3600 });
  expect((await loadProgress(folder)).progress).toEqual({ ...BEGINNING, step: 7, seconds: 0 });
});
