/**
 * Assembles src/vision/resample.wat into src/vision/resample-kernels.ts:
 *
 *     npx tsx scripts/vision/assemble.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const SOURCE = new URL('../../src/vision/resample.wat', import.meta.url);
const TARGET = new URL('../../src/vision/resample-kernels.ts', import.meta.url);

/** The text of resample-kernels.ts. */
export async function assembled(): Promise<string> {
  const { parseWat } = await wabt();
  const module = parseWat('resample.wat', await readFile(SOURCE, 'utf8'), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return [
    '/** resample.wat in binary form, as base64; made by scripts/vision/assemble.ts. */',
    'export const RESAMPLE_KERNELS =',
    `  '${Buffer.from(buffer).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TARGET, await assembled());
