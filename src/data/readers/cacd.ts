/**
 * CACD, the Cross-Age Celebrity Dataset: 163,446 pictures of 2,000 celebrities, found by a search for name and year.
 * Pictures lie in one folder, `CACD2000`, and are named by age, celebrity and number, `53_Robin_Williams_0001.jpg`.
 * `celebrity2000_meta.mat` has the labels; if it is not there, the names give age and person, and no part.
 *
 * https://bcsiriuschen.github.io/CARC/: celebrityImageData has age ("estimated age of the celebrity"), identity
 * ("celebrity id"), year ("estimated year of which the photo was taken"), rank ("rank of the celebrity with same birth
 * year in IMDB.com when the dataset was constructed"), birth, lfw, feature, name ("file name of the image").
 *
 * Pictures of the 200 celebrities of ranks 1 to 5 in each of the 40 years of birth were looked through by the authors;
 * the paper (B.-C. Chen, C.-S. Chen, W. H. Hsu, ECCV 2014) chooses parameters on the 80 of ranks 1 and 2, tests on
 * the 120 of ranks 3 to 5 and trains on the other 1,800. They are the set's parts here.
 */
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { MatFile } from '../formats/mat/file.js';
import type { Reading } from '../types.js';
import { checked } from './shared/checked.js';
import type { Labels } from './shared/labels.js';
import { findFile, numberColumn, withMatFile } from './shared/mat.js';
import { readNamed } from './shared/named.js';
import { badName, quoted } from './shared/rejection.js';

const META = 'celebrity2000_meta.mat';
const PICTURES = 'CACD2000';
const LAST_VALIDATED_RANK = 2;
const LAST_TESTED_RANK = 5;

export async function* read(source: string): AsyncIterable<Reading> {
  if (existsSync(join(source, META)) || source.endsWith('.mat')) {
    const path = findFile(source, [META]);
    yield* checked(path, withMatFile(path, readLabels));
  } else {
    yield* readNamed(source, { title: 'CACD', example: '53_Robin_Williams_0001.jpg', parse });
  }
}

async function* readLabels(file: MatFile): AsyncIterable<Reading> {
  const table = await file.read('celebrityImageData');
  const names = table.field('name');
  const ages = numberColumn(table, 'age', names.length);
  const identities = numberColumn(table, 'identity', names.length);
  const ranks = numberColumn(table, 'rank', names.length);
  const folder = dirname(file.path);
  const pictures = existsSync(join(folder, PICTURES)) ? PICTURES : '';
  for (let row = 0; row < names.length; row++) {
    const name = names.cell(row).text();
    const path = posix.join(pictures, name);
    if (name === '' || /[/\\]/.test(name)) {
      yield badName(name || `row ${row + 1}`, `expected the name of a file, found ${quoted(name)}`);
    } else {
      yield {
        path,
        image: { file: join(folder, path) },
        age: { age: ages[row]! },
        identity: String(identities[row]),
        split: partOf(ranks[row]!),
      };
    }
  }
}

function partOf(rank: number): string {
  if (rank <= LAST_VALIDATED_RANK) return 'validation';
  return rank <= LAST_TESTED_RANK ? 'test' : 'train';
}

function parse(path: string): Labels | string {
  const name = posix.basename(path);
  const fields = /^(\d+)_(.+)_\d{4}\.jpg$/i.exec(name);
  if (!fields) {
    return `expected an age, a name and four digits, as in 53_Robin_Williams_0001.jpg; found ${name}`;
  }
  return { age: { age: Number(fields[1]) }, identity: fields[2]!.replaceAll('_', ' ') };
}
