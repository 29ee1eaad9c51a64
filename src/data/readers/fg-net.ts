/**
 * FG-NET: 1,002 pictures of 82 people, aged 0 to 69, named by person and age: `001A02.JPG` shows person 1 at the age
 * of 2, and a letter tells pictures of the same age apart (`010A07a.JPG`).
 *
 * A. Lanitis, C. J. Taylor, T. F. Cootes: Toward Automatic Simulation of Aging Effects on Face Images. TPAMI 2002;
 * G. Panis et al.: Overview of Research on Facial Ageing Using the FG-NET Ageing Database. IET Biometrics 2016.
 * Gender is not in the names.
 */

import { posix } from 'node:path';
import type { Reading } from '../types.js';
import type { Labels } from './shared/labels.js';
import { readNamed } from './shared/named.js';

export const read = (source: string): AsyncIterable<Reading> =>
  readNamed(source, { title: 'FG-NET', example: '001A02.JPG', parse });

function parse(path: string): Labels | string {
  const name = posix.basename(path);
  const fields = /^(\d{3})A(\d{2})[a-z]?\.[a-z]+$/i.exec(name);
  if (!fields) return `expected a person, the letter A and an age, as in 001A02.JPG; found ${name}`;
  return { age: { age: Number(fields[2]) }, identity: fields[1]! };
}
