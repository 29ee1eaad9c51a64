/**
 * AFAD, the Asian Face Age Dataset, whole or AFAD-Lite: a folder for each age, in it one for each gender, 111 male and
 * 112 female: `AFAD-Full/15/111/109318-0.jpg`. What stands before the dash is taken for the person, as the
 * Facial-Age-Estimation-Benchmark takes it (J. Paplhám, V. Franc, CVPR 2024).
 *
 * Z. Niu et al.: Ordinal Regression with Multiple Output CNN for Age Estimation. CVPR 2016;
 * https://afad-dataset.github.io/
 */
import type { Gender, Reading } from '../types.js';
import { known, type Labels } from './shared/labels.js';
import { readNamed } from './shared/named.js';

const GENDERS: Readonly<Record<string, Gender>> = { 111: 'male', 112: 'female' };

export const read = (source: string): AsyncIterable<Reading> =>
  readNamed(source, { title: 'AFAD', example: '15/111/109318-0.jpg', parse, key: (path) => path });

function parse(path: string): Labels | string {
  const [file, folder, years] = path.split('/').reverse();
  const gender = GENDERS[folder ?? ''];
  if (gender === undefined || !/^\d{1,3}$/.test(years ?? ''))
    return 'expected a picture in a folder AGE/111 or AGE/112';
  return { age: { age: Number(years) }, gender, ...known({ identity: /^(\d+)-/.exec(file!)?.[1] }) };
}
