/** The table of the systems' figures. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

it("has an ensemble's own figures, which come before those of its members", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'figures-'));
  const evaluation = (value: number) => ({
    all: { faces: { total: 9 }, age: { mean: { figures: { mae: { value, low: 4, high: 6 } } } } },
    classes: {},
  });
  const documents = [4.91, 4.99].map((mae) => `${JSON.stringify(evaluation(mae))}\n`);
  await writeFile(join(folder, 'dex.json'), documents.join(''));
  const { stdout } = await promisify(execFile)('npx', ['tsx', 'scripts/systems/figures.ts', folder], {
    cwd: ROOT,
  });
  expect(stdout).toMatch(/dex-vgg19-ensemble.* MAE 4\.91 \[4\.00, 6\.00\] \| 9 \|/);
  await rm(folder, { recursive: true });
});
