import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { assembled, KERNELS, targetOf } from '../scripts/assemble.js';

it.each(KERNELS)('$target is made of $source', async (kernel) => {
  const committed = await readFile(targetOf(kernel), 'utf8');
  expect(committed, 'npx tsx scripts/assemble.ts makes the file').toBe(await assembled(kernel));
});
