/**
 * Assembles the functions for vector instructions, each `.wat` file into a module that holds it in binary form:
 *
 *     npx tsx scripts/assemble.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const SOURCES = new URL('../src/', import.meta.url);

/** Each source, the module made of it, and the name of its constant. */
export const KERNELS = [
  { source: 'vision/resample.wat', target: 'vision/resample-kernels.ts', name: 'RESAMPLE_KERNELS' },
  { source: 'metrics/cells.wat', target: 'metrics/cell-kernels.ts', name: 'CELL_KERNELS' },
] as const;

type Kernel = (typeof KERNELS)[number];

export const targetOf = ({ target }: Kernel): URL => new URL(target, SOURCES);

/** The text of the module. */
export async function assembled({ source, name }: Kernel): Promise<string> {
  const { parseWat } = await wabt();
  const file = basename(source);
  const module = parseWat(file, await readFile(new URL(source, SOURCES), 'utf8'), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return [
    `/** ${file} in binary form, as base64; made by scripts/assemble.ts. */`,
    `export const ${name} =`,
    `  '${Buffer.from(buffer).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const kernel of KERNELS) await writeFile(targetOf(kernel), await assembled(kernel));
}
