import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { assembled } from '../scripts/vision/assemble.js';

it('the kernels of the resampler are those of resample.wat', async () => {
  const committed = await readFile(new URL('../src/vision/resample-kernels.ts', import.meta.url), 'utf8');
  expect(committed, 'npx tsx scripts/vision/assemble.ts makes the file').toBe(await assembled());
});
