/**
 * AgeDB: 16,488 pictures of 568 people, named NUMBER_PERSON_AGE_GENDER: `0_MariaCallas_35_f.jpg`.
 *
 * S. Moschoglou et al.: AgeDB: the first manually collected, in-the-wild age database. CVPRW 2017: each picture is
 * annotated with identity, age "accurate to the year" and gender.
 */

import { posix } from 'node:path';
import type { Reading } from '../types.js';
import type { Labels } from './shared/labels.js';
import { readNamed } from './shared/named.js';

export const read = (source: string): AsyncIterable<Reading> =>
  readNamed(source, { title: 'AgeDB', example: '0_MariaCallas_35_f.jpg', parse });

function parse(path: string): Labels | string {
  const name = posix.basename(path);
  const fields = /^\d+_(.+)_(\d{1,3})_([mf])\.[a-z]+$/i.exec(name);
  if (!fields) return `expected NUMBER_PERSON_AGE_GENDER, as in 0_MariaCallas_35_f.jpg; found ${name}`;
  const gender = fields[3]!.toLowerCase() === 'f' ? 'female' : 'male';
  return { age: { age: Number(fields[2]) }, gender, identity: fields[1]! };
}
