/**
 * Lists the pictures of a store in the validation and test parts of the split by hashes:
 *
 *     npx tsx scripts/models/list-split.ts STORE ...
 *
 * writes `scripts/models/split/SET.txt`: the first eight digits of the MD5 of each file name, in order. All other pictures
 * are learnt from.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readSplit, Store } from '../../src/data/index.js';

/** Of the 32 digits; no two names of the parts to validate and to test of a set share them. */
const DIGITS = 8;

for (const folder of process.argv.slice(2)) {
  const store = await Store.open(folder);
  const { parts } = await readSplit(join(folder, 'hash.split.json'), store);
  const names: string[] = [];
  for await (const { path } of store.rows()) names.push(basename(path));
  const hash = (row: number) => createHash('md5').update(names[row]!).digest('hex').slice(0, DIGITS);
  const lines = ['validation', 'test'].flatMap((part) => [
    `# ${part}`,
    ...Array.from(parts.get(part)!, hash).sort(),
  ]);
  if (new Set(lines).size !== lines.length) throw new Error(`${folder}: two names share ${DIGITS} digits`);
  const file = join(import.meta.dirname, 'split', `${store.info.id}.txt`);
  await writeFile(file, `${lines.join('\n')}\n`);
  console.log(`${file}: ${[...parts].map(([part, rows]) => `${part} ${rows.length}`).join(', ')}`);
  await store.close();
}
