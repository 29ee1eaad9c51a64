import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { agedb } from '../sets/agedb.js';

describe('agedb', () => {
  it('reads person, age and gender, also of a person with underscores in the name', async () => {
    const source = await dataFolder(['0_MariaCallas_35_f.jpg', '1_Jean_Paul_101_m.jpg', '2_NoAge_f.jpg']);
    const { labels, rejections } = await readAll(agedb, source);
    expect(labels).toEqual([
      { path: '0_MariaCallas_35_f.jpg', age: { age: 35 }, gender: 'female', identity: 'MariaCallas' },
      { path: '1_Jean_Paul_101_m.jpg', age: { age: 101 }, gender: 'male', identity: 'Jean_Paul' },
    ]);
    expect(rejections.map(({ path }) => path)).toEqual(['2_NoAge_f.jpg']);
  });
});
