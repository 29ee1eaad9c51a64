/** A store in memory, for tests of what looks at stores. */
import type { NewRow, StoreInfo } from '../store/index.js';
import type { InspectedStore } from './inspect.js';

export type FakeRow = Partial<NewRow> & { readonly source?: string };

export function fakeStore(
  rows: readonly FakeRow[],
  {
    duplicates = [],
    folder = '/nowhere',
    rejects = {},
  }: {
    readonly duplicates?: readonly (readonly number[])[];
    readonly folder?: string;
    readonly rejects?: StoreInfo['rejects'];
  } = {},
): InspectedStore {
  const info: StoreInfo = {
    format: 'agewise-store',
    version: 1,
    id: 'fake',
    title: 'Fake <set>',
    homepage: 'https://example.org/',
    citation: 'A. Author & B. Author',
    terms: 'None.',
    labels: 'exact age',
    fingerprint: '0'.repeat(64),
    rows: rows.length,
    labelled: { age: 0, gender: 0, race: 0, identity: 0, faceBox: 0, split: 0 },
    rejects,
    options: { reader: {}, cleaning: { minAge: 0 }, pictures: { size: 128, quality: 90, crop: null } },
  };
  return {
    folder,
    info,
    length: rows.length,
    async *rows() {
      for (const [index, { image, ...row }] of rows.entries()) {
        yield { index, path: `${index}.jpg`, source: 'fake', ...row };
      }
    },
    image: async (index) => rows[index]!.image ?? new Uint8Array(),
    duplicates: async () => duplicates,
  };
}
