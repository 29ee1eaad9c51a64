/**
 * Pictures of one's own in a folder for each age (`25/`) or range of ages (`20-29/`, `60+/`). Folders inside it are
 * free; above it too, as in `train/25/picture.jpg`.
 */
import type { DatasetReader } from '../types.js';
import { type Labels, parseAge } from './shared/labels.js';
import { readNamed } from './shared/named.js';
import { readOptions } from './shared/options.js';

export const folders: DatasetReader = {
  id: 'folders',
  title: 'Folders named by age',
  homepage: '',
  citation: '',
  terms: '',
  labels: 'as the columns say',
  async *read(source, options = {}) {
    readOptions('folders', options, {});
    const naming = { title: 'folders named by age', example: '25/picture.jpg', parse };
    yield* readNamed(source, { ...naming, key: (path) => path });
  },
};

/** The folder nearest to the picture counts. */
function parse(path: string): Labels | string {
  for (const folder of path.split('/').slice(0, -1).reverse()) {
    const age = parseAge(folder);
    if (age !== undefined) return { age };
  }
  return 'a picture in a folder named by an age or a range of ages is expected, as 25 or 20-29';
}
