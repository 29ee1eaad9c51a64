/**
 * UTKFace, aligned and cropped (`AGE_GENDER_RACE_DATE.jpg.chip.jpg`) or in the wild (`AGE_GENDER_RACE_DATE.jpg`, in
 * the folders part1, part2 and part3). Copies that were encoded again end otherwise (`.png`, `.jpg.chip.jpg.webp`).
 *
 * https://susanqq.github.io/UTKFace/: "[age] is an integer from 0 to 116 [...] [gender] is either 0 (male) or 1
 * (female) [...] [race] is an integer from 0 to 4, denoting White, Black, Asian, Indian, and Others [...] [date&time]
 * is in the format of yyyymmddHHMMSSFFF, showing the date and time an image was collected". A date of a digit more
 * or less is let pass, since nothing is read from it.
 */
import { posix } from 'node:path';
import type { Gender, Reading } from '../types.js';
import type { Labels } from './shared/labels.js';
import { readNamed } from './shared/named.js';
import { quoted } from './shared/rejection.js';

const GENDERS: Readonly<Record<string, Gender>> = { 0: 'male', 1: 'female' };
const RACES = ['White', 'Black', 'Asian', 'Indian', 'Other'];

export const read = (source: string): AsyncIterable<Reading> =>
  readNamed(source, { title: 'UTKFace', example: '25_1_0_20170116171048641.jpg.chip.jpg', parse });

function parse(path: string): Labels | string {
  const fields = posix
    .basename(path)
    .replace(/(\.[a-z][a-z\d]*)+$/i, '')
    .split('_');
  if (fields.length !== 4)
    return `expected a name AGE_GENDER_RACE_DATE.jpg of 4 fields, found ${fields.length}`;
  const [age, gender, race, date] = fields as [string, string, string, string];
  if (!/^\d{1,3}$/.test(age)) return `the age must be a number of years, found ${quoted(age)}`;
  if (!/^[01]$/.test(gender)) return `the gender must be 0 or 1, found ${quoted(gender)}`;
  if (!/^[0-4]$/.test(race)) return `the race must be 0 to 4, found ${quoted(race)}`;
  if (!/^\d+$/.test(date)) return `the date must be digits, found ${quoted(date)}`;
  return { age: { age: Number(age) }, gender: GENDERS[gender]!, race: RACES[Number(race)]! };
}
