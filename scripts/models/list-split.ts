/**
 * Lists the pictures of a store in the validation and test parts of the split by hashes:
 *
 *     npx tsx scripts/models/list-split.ts STORE ...
 *
 * writes `scripts/models/split/SET.txt`: the first eight digits of the MD5 of each file name, in order. All other pictures
 * are learnt from.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSplit, Store } from '../../src/data/index.js';
import { DIGITS, nameHash } from './split-list.js';

for (const folder of process.argv.slice(2)) {
  const store = await Store.open(folder);
  const { parts } = await readSplit(join(folder, 'hash.split.json'), store);
  const hashes: string[] = [];
  for await (const { path } of store.rows()) hashes.push(nameHash(path));
  const lines = ['validation', 'test'].flatMap((part) => [
    `# ${part}`,
    ...Array.from(parts.get(part)!, (row) => hashes[row]!).sort(),
  ]);
  if (new Set(lines).size !== lines.length) throw new Error(`${folder}: two names share ${DIGITS} digits`);
  const file = join(import.meta.dirname, 'split', `${store.info.id}.txt`);
  await writeFile(file, `${lines.join('\n')}\n`);
  console.log(`${file}: ${[...parts].map(([part, rows]) => `${part} ${rows.length}`).join(', ')}`);
  await store.close();
}
