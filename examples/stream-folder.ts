/**
 * Estimates a folder of photographs of any size, of which only a few are held in memory at a time:
 *
 *     npx tsx examples/stream-folder.ts photos > ages.jsonl
 *
 * One line of JSON for each photograph, in the order of their names; one that cannot be read costs that one alone:
 *
 *     {"file":"photos/a.jpg","ages":[34.79,29.63]}
 *     {"file":"photos/b.jpg","error":"…"}
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgeEstimator } from 'agewise';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: stream-folder.ts FOLDER');

const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp|avif)$/i.test(name)).sort();
const files = names.map((name) => join(folder, name));

const estimator = await AgeEstimator.load();
for await (const result of estimator.stream(files)) {
  const file = result.source;
  const line =
    'error' in result
      ? { file, error: result.error.message }
      : { file, ages: result.faces.map((face) => Number(face.age.toFixed(2))) };
  console.log(JSON.stringify(line));
}
await estimator.dispose();
