import type { Reading } from '../types.js';
import { type Labels, parseAge } from './shared/labels.js';
import { readNamed } from './shared/named.js';

export const read = (source: string): AsyncIterable<Reading> =>
  readNamed(source, {
    title: 'folders named by age',
    example: '25/picture.jpg',
    parse,
    key: (path) => path,
  });

/** The folder nearest to the picture counts. */
function parse(path: string): Labels | string {
  for (const folder of path.split('/').slice(0, -1).reverse()) {
    const age = parseAge(folder);
    if (age !== undefined) return { age };
  }
  return 'expected a picture in a folder named by an age or a range of ages, as 25 or 20-29';
}
