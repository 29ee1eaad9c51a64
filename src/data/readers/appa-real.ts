/**
 * APPA-REAL: folders train, valid and test, and for each a `gt_avg_*.csv` with one row a picture: file_name,
 * num_ratings, apparent_age_avg, apparent_age_std, real_age. Beside a picture `X.jpg` stands `X.jpg_face.jpg`, "the
 * cropped & rotated face with a 40% margin obtained from the Mathias et al. face detector" (the set's README).
 *
 * E. Agustsson et al.: Apparent and Real Age Estimation in Still Images with Deep Residual Regressors on APPA-REAL
 * Database. FG 2017; https://chalearnlap.cvc.uab.cat/dataset/26/description/
 */
import { join } from 'node:path';
import { DataError, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { expectFolder, filesBelow } from './shared/files.js';
import { parseNumber } from './shared/labels.js';
import { badName, quoted } from './shared/rejection.js';
import { readRows } from './shared/table.js';

const PARTS = [
  { folder: 'train', split: 'train' },
  { folder: 'valid', split: 'validation' },
  { folder: 'test', split: 'test' },
] as const;

type Part = (typeof PARTS)[number];

interface Choice {
  readonly age: 'apparent' | 'real';
  readonly pictures: 'face' | 'whole';
}

export async function* read(
  source: string,
  choice: { readonly age: 'apparent' | 'real'; readonly pictures: 'face' | 'whole' },
): AsyncIterable<Reading> {
  await expectFolder(source, 'APPA-REAL');
  const files = await filesBelow(source, 0);
  const parts = PARTS.filter((part) => files.includes(labelFile(part)));
  if (parts.length === 0)
    throw new DataError(`${source}: expected a label file ${PARTS.map(labelFile).join(', ')}, found none`);
  yield* checked(source, readParts(source, parts, choice));
}

const labelFile = ({ folder }: Part): string => `gt_avg_${folder}.csv`;

async function* readParts(source: string, parts: readonly Part[], choice: Choice): AsyncIterable<Reading> {
  const columns = ['file_name', 'apparent_age_avg', 'apparent_age_std', 'real_age'] as const;
  const apparent = choice.age === 'apparent';
  for (const part of parts)
    yield* readRows(source, labelFile(part), { columns }, (cells, at) => {
      if (cells.file_name === '') return badName(at, 'expected the name of a picture, found nothing');
      const path = `${part.folder}/${cells.file_name}${choice.pictures === 'face' ? '_face.jpg' : ''}`;
      const text = apparent ? cells.apparent_age_avg : cells.real_age;
      const age = parseNumber(text);
      const std = apparent ? parseNumber(cells.apparent_age_std) : 0;
      if (age === undefined)
        return badName(path, `the ${choice.age} age must be a number, found ${quoted(text)}`);
      if (std === undefined || std < 0)
        return badName(path, `the spread must be 0 years or more, found ${quoted(cells.apparent_age_std)}`);
      const image = { file: join(source, path) };
      return { path, image, age: apparent ? { age, std } : { age }, split: part.split };
    });
}
