/**
 * Divides stores as `split/` lists their pictures:
 *
 *     npx tsx scripts/models/apply-split.ts STORE ...
 *
 * replaces their split `hash`. Which pictures are near-duplicates, and so which part they go to, depends a little on the crops
 * that a store holds, and these on the face detector; a picture that a shipped model learned from must never count as a test.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Store } from '../../src/data/index.js';
import { readParts } from './split-list.js';

const folder = await mkdtemp(join(tmpdir(), 'split-'));
const table = join(folder, 'split.csv');
for (const path of process.argv.slice(2)) {
  const store = await Store.open(path);
  const partOf = await readParts(join(import.meta.dirname, 'split', `${store.info.id}.txt`));
  const lines = ['row,part'];
  for await (const { path: name } of store.rows()) lines.push(`${lines.length - 1},${partOf(name)}`);
  await store.close();
  await writeFile(table, `${lines.join('\n')}\n`);
  const args = ['data', 'split', path, '--from', table, '--name', 'hash', '--overwrite'];
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli/main.js', ...args]);
  process.stdout.write(stdout);
}
await rm(folder, { recursive: true });
