import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { morph2 } from '../sets/morph2.js';

const HEADER = 'id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo';
const ROWS = [
  '9055,1,03/23/1951,10/18/2005,B,M,0,54,0,0,Album2/009055_1M54.JPG',
  '13,0,01/02/1986,05/06/2005,W,F,,19,0,,Album2/00013_00F19.JPG',
];
const PICTURES = ['Album2/009055_1M54.JPG', 'Album2/00013_00F19.JPG'];
const TABLE = [HEADER, ...ROWS].join('\n');

describe('morph2', () => {
  const expected = [
    { path: PICTURES[0], age: { age: 54 }, gender: 'male', race: 'Black', identity: '9055' },
    { path: PICTURES[1], age: { age: 19 }, gender: 'female', race: 'White', identity: '13' },
  ];

  it.each(['morph_2008_nonCommercial.csv', 'CSV/MORPH_2008_nongoals.csv'])(
    'reads the table %s',
    async (table) => {
      const eyes = { 'CSV/MORPH_Album2_EYECOORDS.csv': 'photo,x,y\n009055_1M54,67,99\n' };
      const source = await dataFolder(PICTURES, { [table]: TABLE, ...eyes });
      expect((await readAll(morph2, source)).labels).toEqual(expected);
    },
  );

  it('finds pictures beside the table in a folder of its own', async () => {
    const source = await dataFolder(
      PICTURES.map((path) => `MORPH_nonCommercial/${path}`),
      { 'MORPH_nonCommercial/morph_2008_nonCommercial.csv': TABLE },
    );
    const { labels } = await readAll(morph2, source);
    expect(labels.map(({ path }) => path)).toEqual(PICTURES.map((path) => `MORPH_nonCommercial/${path}`));
  });

  it('reads all but race from the names if there is no table, and the same person as from the table', async () => {
    const { labels } = await readAll(morph2, await dataFolder(PICTURES));
    expect(labels).toEqual([...expected].reverse().map(({ race: _, ...rest }) => rest));
  });

  it('rejects rows with other codes', async () => {
    const rows = [
      ...ROWS,
      ROWS[0]!.replace(',M,', ',X,'),
      ROWS[0]!.replace(',54,', ',,'),
      ROWS[0]!.replace('9055', ''),
    ];
    const source = await dataFolder(PICTURES, { 'morph.csv': [HEADER, ...rows].join('\n') });
    expect((await readAll(morph2, source)).rejections.map(({ detail }) => detail)).toEqual([
      "the gender must be F or M, found 'X'",
      'the age must be a number, found nothing',
      'expected the number of a person, found nothing',
    ]);
  });

  it('asks which of two tables is meant', async () => {
    const source = await dataFolder(PICTURES, { 'a.csv': TABLE, 'b.csv': [HEADER, ROWS[1]].join('\n') });
    await expect(readAll(morph2, source)).rejects.toThrow(
      'expected one table, found a.csv, b.csv; say table=FILE',
    );
    expect((await readAll(morph2, source, { table: 'b.csv' })).labels).toEqual([expected[1]]);
  });
});
