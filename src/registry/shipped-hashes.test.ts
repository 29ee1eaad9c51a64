import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SHIPPED_SHA256 } from './shipped-hashes.js';

const MODELS = join(import.meta.dirname, '../../models');

it('lists the hash of each model in models/, so that browsers take what is shipped', async () => {
  const files = (await readdir(MODELS)).filter((file) => file.endsWith('.onnx'));
  const hashes = await Promise.all(
    files.map(async (file) => [
      file.slice(0, -'.onnx'.length),
      createHash('sha256')
        .update(await readFile(join(MODELS, file)))
        .digest('hex'),
    ]),
  );
  expect(SHIPPED_SHA256).toEqual(Object.fromEntries(hashes));
});
