import { expect, it } from 'vitest';
import type { ReaderOptions, Reading } from '../types.js';
import { dataset } from './dataset.js';

/** Says in a path what was chosen. */
const reader = dataset({
  id: 'made',
  title: 'Made up',
  homepage: '',
  citation: '',
  terms: '',
  labels: 'exact age',
  options: {
    age: { values: ['apparent', 'real'], meaning: 'which age' },
    table: { meaning: 'which file' },
  },
  load: async () => ({
    async *read(source, { age, table }): AsyncIterable<Reading> {
      yield { path: `${source} ${age} ${table}`, image: { file: '' } };
    },
  }),
});

async function chosen(options?: ReaderOptions): Promise<string> {
  for await (const { path } of reader.read('here', options)) return path;
  throw new Error('a reading is expected');
}

it('returns a reader its defaults, or what was chosen', async () => {
  expect(await chosen()).toBe('here apparent undefined');
  expect(await chosen({ age: 'real', table: 'a=b.csv' })).toBe('here real a=b.csv');
});

it('takes no address for a folder', async () => {
  const readings = reader.read('https://example.org/set.zip?token=geheim')[Symbol.asyncIterator]();
  await expect(readings.next()).rejects.toThrow(
    /^made: expected a folder or a file on this machine, found a URL, which is not downloaded$/,
  );
});

it.each<[ReaderOptions, string]>([
  [{ tables: 'x' }, "made: unknown option 'tables'; did you mean 'table'?"],
  [{ toString: 'x' }, "made: unknown option 'toString'"],
  [{ age: 'old' }, "made: the option age must be apparent or real, found 'old'"],
])('refuses %j', async (options, sentence) => {
  await expect(chosen(options)).rejects.toThrow(sentence);
});
