import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { csv } from '../sets/csv.js';

describe('csv', () => {
  it('takes the columns of a store by their own names', async () => {
    const source = await dataFolder(['a/1.jpg', 'a/2.jpg', 'a/3.jpg'], {
      'labels.csv': [
        'path,age,age_min,age_max,age_std,gender,race,identity,split',
        'a/1.jpg,25.5,,,3.25,female,Asian,"Doe, Jane",train',
        'a/2.jpg,,20,29,,M,,,',
        './a/3.jpg,60+,,,,unknown,,,test',
      ].join('\n'),
    });
    const { samples } = await readAll(csv, `${source}/labels.csv`);
    expect(samples).toEqual([
      {
        path: 'a/1.jpg',
        image: { file: `${source}/a/1.jpg` },
        age: { age: 25.5, std: 3.25 },
        gender: 'female',
        race: 'Asian',
        identity: 'Doe, Jane',
        split: 'train',
      },
      { path: 'a/2.jpg', image: { file: `${source}/a/2.jpg` }, age: { from: 20, to: 29 }, gender: 'male' },
      { path: 'a/3.jpg', image: { file: `${source}/a/3.jpg` }, age: { from: 60, to: 100 }, split: 'test' },
    ]);
  });

  it('takes the boxes of several faces in one picture', async () => {
    const source = await dataFolder(['a.jpg'], {
      'labels.csv': [
        'path,age,face_x,face_y,face_width,h',
        'a.jpg,25,10.5,-2,40,50',
        'a.jpg,52,60,0,40,50',
        'a.jpg,52,60,0,40,50',
        'a.jpg,30,-1.4210854715202004e-14,1.5E+1,40,50',
        'a.jpg,30,1e999,0,40,50',
        'a.jpg,30,,,,',
        'a.jpg,30,1,2,40,',
        'a.jpg,30,1,2,0,50',
      ].join('\n'),
    });
    const { samples, rejections } = await readAll(csv, `${source}/labels.csv`, { faceHeight: 'h' });
    expect(samples.map(({ age, faceBox }) => [age, faceBox])).toEqual([
      [{ age: 25 }, { x: 10.5, y: -2, width: 40, height: 50 }],
      [{ age: 52 }, { x: 60, y: 0, width: 40, height: 50 }],
      [{ age: 30 }, { x: -1.4210854715202004e-14, y: 15, width: 40, height: 50 }],
      [{ age: 30 }, undefined],
    ]);
    const corners = "expected the face's x, y, width and height in pixels, found";
    expect(rejections).toEqual([
      {
        path: 'a.jpg',
        reason: 'duplicate row',
        detail: 'the picture was named before, with the same labels',
      },
      { path: 'a.jpg', reason: 'bad name', detail: `${corners} '1e999', '0', '40', '50'` },
      { path: 'a.jpg', reason: 'bad name', detail: `${corners} '1', '2', '40', nothing` },
      { path: 'a.jpg', reason: 'bad name', detail: `${corners} '1', '2', '0', '50'` },
    ]);
  });

  it('takes columns, delimiter, folder and words for gender as configured', async () => {
    const source = await dataFolder(['pictures/ä.jpg', 'pictures/2.jpg'], {
      'sub/labels.txt': '\uFEFFBild;Jahre;Streuung;G;Wer;Teil\r\nä.jpg;31;2;1;x;A\r\n2.jpg;20-29;;0;y;B\r\n',
    });
    const { samples } = await readAll(csv, `${source}/sub/labels.txt`, {
      path: 'Bild',
      age: 'Jahre',
      ageStd: 'Streuung',
      gender: 'G',
      identity: 'Wer',
      split: 'Teil',
      delimiter: ';',
      images: `${source}/pictures`,
      female: '0,w',
      male: '1',
    });
    expect(samples).toEqual([
      {
        path: 'ä.jpg',
        image: { file: `${source}/pictures/ä.jpg` },
        age: { age: 31, std: 2 },
        gender: 'male',
        identity: 'x',
        split: 'A',
      },
      {
        path: '2.jpg',
        image: { file: `${source}/pictures/2.jpg` },
        age: { from: 20, to: 29 },
        gender: 'female',
        identity: 'y',
        split: 'B',
      },
    ]);
  });

  it('finds what parts the columns, and takes a comma in a number for the point', async () => {
    const source = await dataFolder(['1.jpg', '2.jpg', '3.jpg'], {
      'semicolons.csv': 'path;age\n1.jpg;3,75\n2.jpg;0,5\n3.jpg;(3, 7)\n',
      'tabs.tsv': 'path\tage\n1.jpg\t3,75\n',
    });
    const { samples } = await readAll(csv, `${source}/semicolons.csv`);
    expect(samples.map(({ age }) => age)).toEqual([{ age: 3.75 }, { age: 0.5 }, { from: 3, to: 7 }]);
    expect((await readAll(csv, `${source}/tabs.tsv`)).samples.map(({ age }) => age)).toEqual([{ age: 3.75 }]);
  });

  it('takes the delimiter from a first line of spreadsheets', async () => {
    const source = await dataFolder(['1.jpg', '2.jpg'], {
      'semicolons.csv': '\ufeffsep=;\r\npath;age;identity\r\n1.jpg;3,75;a,b,c\r\n2.jpg;30\r\n',
      'quoted.csv': '"sep=|"\npath|age\n1.jpg|31\n',
      'tabs.csv': 'SEP=\t\npath\tage\n1.jpg\t32\n',
      'column.csv': 'sep=;,path,age\n0,1.jpg,33\n',
    });
    const { samples, rejections } = await readAll(csv, `${source}/semicolons.csv`);
    expect(samples.map(({ age, identity }) => [age, identity])).toEqual([[{ age: 3.75 }, 'a,b,c']]);
    expect(rejections.map(({ path }) => path)).toEqual(['semicolons.csv:4']);
    for (const [file, age] of [
      ['quoted', 31],
      ['tabs', 32],
      ['column', 33],
    ] as const) {
      const read = await readAll(csv, `${source}/${file}.csv`);
      expect(read.samples.map((sample) => sample.age)).toEqual([{ age }]);
    }
  });

  it('reads a first age without a last one as that age or older', async () => {
    const source = await dataFolder(['1.jpg', '2.jpg'], {
      'both.csv': 'path,age_min,age_max\n1.jpg,60,\n2.jpg,60,69\n',
      'one.csv': 'path,age_min\n1.jpg,60\n',
    });
    const ages = async (file: string) => (await readAll(csv, `${source}/${file}`)).samples.map((s) => s.age);
    expect(await ages('both.csv')).toEqual([
      { from: 60, to: 100 },
      { from: 60, to: 69 },
    ]);
    expect(await ages('one.csv')).toEqual([{ from: 60, to: 100 }]);
  });

  it('reads a last age without a first one as that age or younger', async () => {
    const source = await dataFolder(['1.jpg', '2.jpg', '3.jpg'], {
      'both.csv': 'path,age_min,age_max\n1.jpg,,12\n2.jpg,10,12\n3.jpg,x,12\n',
      'one.csv': 'path,age_max\n1.jpg,12\n2.jpg,-1\n3.jpg,\n',
    });
    const both = await readAll(csv, `${source}/both.csv`);
    expect(both.samples.map(({ age }) => age)).toEqual([
      { from: 0, to: 12 },
      { from: 10, to: 12 },
    ]);
    expect(both.rejections.map(({ detail }) => detail)).toEqual([
      "expected a first age, a last one or both, found 'x' and '12'",
    ]);
    const one = await readAll(csv, `${source}/one.csv`);
    expect(one.samples.map(({ age }) => age)).toEqual([{ from: 0, to: 12 }]);
    expect(one.rejections.map(({ reason }) => reason)).toEqual(['age out of range', 'no age']);
  });

  it('takes names of columns in capitals, in quotes and with spaces around them', async () => {
    const source = await dataFolder(['1.jpg'], {
      'capitals.csv': 'PATH,Age,GENDER,Race\n1.jpg,30,F,"a, b"\n',
      'quotes.csv': '\ufeff"path" , "age" , "gender", "race"\n"1.jpg" , "30" , "f", "a, b"\n',
      'tabs.csv': ' path \t "age" \tgender\trace\n1.jpg\t30\tf\ta, b\n',
    });
    for (const file of ['capitals', 'quotes', 'tabs']) {
      const { samples } = await readAll(csv, `${source}/${file}.csv`);
      expect(samples.map(({ path, age, gender, race }) => [path, age, gender, race])).toEqual([
        ['1.jpg', { age: 30 }, 'female', 'a, b'],
      ]);
    }
  });

  it('names the option where something else separates the columns', async () => {
    const source = await dataFolder(['1.jpg'], { 'labels.csv': 'path|age\n1.jpg|30\n' });
    await expect(readAll(csv, `${source}/labels.csv`)).rejects.toThrow(
      'expected a column path (path=), found path|age; delimiter= sets what separates columns',
    );
    const { samples } = await readAll(csv, `${source}/labels.csv`, { delimiter: '|' });
    expect(samples.map(({ age }) => age)).toEqual([{ age: 30 }]);
  });

  it('refuses two columns of one name', async () => {
    const source = await dataFolder(['1.jpg'], { 'labels.csv': 'path,age,age\n1.jpg,30,40\n' });
    await expect(readAll(csv, `${source}/labels.csv`)).rejects.toThrow(
      'expected one column age, found age, age',
    );
  });

  it('refuses two columns that differ in capitals, unless an option names one', async () => {
    const source = await dataFolder(['1.jpg'], { 'labels.csv': 'path,Age,age,note,note\n1.jpg,30,40,,\n' });
    const read = (options = {}) => readAll(csv, `${source}/labels.csv`, options);
    await expect(read()).rejects.toThrow('expected one column age, found Age, age');
    expect((await read({ age: 'Age' })).samples[0]!.age).toEqual({ age: 30 });
    expect((await read({ age: 'age' })).samples[0]!.age).toEqual({ age: 40 });
    await expect(read({ age: 'AGE' })).rejects.toThrow('expected one column AGE, found Age, age');
    await expect(read({ age: 'age', race: 'note' })).rejects.toThrow(
      'expected one column note, found note, note',
    );
  });

  it('rejects a row whose picture is no plain file, which might never end', async () => {
    const source = await dataFolder(['1.jpg', 'folder/2.jpg'], {
      'labels.csv': 'path,age\n1.jpg,30\n/dev/zero,3\nfolder,3\n',
    });
    const { samples, rejections } = await readAll(csv, `${source}/labels.csv`);
    expect(samples).toHaveLength(1);
    expect(rejections.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['missing image', 'expected a picture at /dev/zero, found a device'],
      ['missing image', `expected a picture at ${source}/folder, found a folder`],
    ]);
  });

  it('says of a picture on the web that it is not downloaded', async () => {
    const source = await dataFolder(['1.jpg'], {
      'labels.csv': 'path,age\n1.jpg,30\nhttps://example.org/2.jpg?token=secret,30\n',
    });
    expect((await readAll(csv, `${source}/labels.csv`)).rejections).toEqual([
      {
        path: 'https://example.org/2.jpg?token=***',
        reason: 'missing image',
        detail: 'expected a picture on this machine, found a URL, which is not downloaded',
      },
    ]);
  });

  it('keeps what else is known of a picture whose age is impossible', async () => {
    const source = await dataFolder(['1.jpg', '2.jpg'], {
      'labels.csv': 'path,age,gender,race\n1.jpg,30,f,Black\n2.jpg,480,f,Asian\n',
    });
    const { rejections } = await readAll(csv, `${source}/labels.csv`);
    expect(rejections.map(({ labels }) => labels)).toEqual([{ gender: 'female', race: 'Asian' }]);
  });

  it('rejects single rows and says how to define an unknown word for gender', async () => {
    const source = await dataFolder(
      ['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg', '6.jpg', '7.jpg', '8.jpg'],
      {
        'labels.tsv': [
          'path\tage\tage_std\tgender',
          '1.jpg\t25\t\tm',
          '2.jpg\t25\t\t0',
          '3.jpg\t-1\t\tf',
          '4.jpg\t30-20\t\tf',
          '5.jpg\told\t\tf',
          '6.jpg\tNaN\t\tf',
          '7.jpg\t25\t-2\tf',
          '8.jpg\t25',
          '\t25\t\tf',
          '9.jpg\t25\t\tf',
        ].join('\n'),
      },
    );
    const { rejections } = await readAll(csv, `${source}/labels.tsv`, { delimiter: 'tab' });
    expect(rejections.map(({ path, reason, detail }) => [path, reason, detail])).toEqual([
      [
        '2.jpg',
        'bad name',
        "the gender must be one of f, female, girl, woman, m, male, boy, man (female= and male= give other words), found '0'",
      ],
      ['3.jpg', 'age out of range', 'expected an age of 0 to 122 years, found -1'],
      ['4.jpg', 'age out of range', 'expected an age of 0 to 122 years, found 30 to 20'],
      ['5.jpg', 'bad name', "expected an age or a range of ages, found 'old'"],
      ['6.jpg', 'no age', 'expected an age, found nothing'],
      ['7.jpg', 'bad name', "the spread must be 0 years or more, found '-2'"],
      ['labels.tsv:9', 'bad name', 'expected a row of 4 cells, found 2'],
      ['labels.tsv:10', 'bad name', 'expected the path of a picture, found nothing'],
      ['9.jpg', 'missing image', `expected a picture at ${source}/9.jpg, found no such file`],
    ]);
  });

  it('refuses a table of one endless row, in a sentence that can be read', async () => {
    const wide = `path,age${',more'.repeat(1000)}`;
    const source = await dataFolder([], { 'long.csv': 'a'.repeat(5e6), 'wide.csv': wide });
    await expect(readAll(csv, `${source}/long.csv`)).rejects.toThrow('expected rows of cells, found');
    const refused = await readAll(csv, `${source}/wide.csv`, { path: 'file' }).catch((error: Error) => error);
    expect((refused as Error).message).toMatch(/expected a column file \(path=\), found path, age, more/);
    expect((refused as Error).message.length).toBeLessThan(500);
  });

  it.each([
    ['a missing column', { age: 'years' }, 'expected a column years (age=), found path, age, note'],
    ['a column of paths by another name', { path: 'file' }, 'expected a column file (path=)'],
    ['an option that it does not know', { agemin: 'a' }, "unknown option 'agemin'; did you mean 'ageMin'?"],
    ['a quote as delimiter', { delimiter: '"' }, 'the delimiter must be one character or tab'],
    ['a long delimiter', { delimiter: '::' }, "the delimiter must be one character or tab, found '::'"],
    ['a word for both genders', { female: '0', male: '0' }, "'0' must be female or male, found both"],
  ])('refuses %s', async (_, options, message) => {
    const source = await dataFolder(['1.jpg'], { 'labels.csv': 'path,age,note\n1.jpg,25,\n' });
    await expect(readAll(csv, `${source}/labels.csv`, options as Record<string, string>)).rejects.toThrow(
      message,
    );
  });

  it('refuses a folder, a file that is missing, one without ages and one cut off in a quote', async () => {
    const source = await dataFolder(['1.jpg'], {
      'ageless.csv': 'path,note\n1.jpg,\n',
      'cut.csv': 'path,age,note\n1.jpg,25,a\n2.jpg,25,"half',
    });
    await expect(readAll(csv, source)).rejects.toThrow('expected a CSV file, found a folder');
    await expect(readAll(csv, `${source}/none.csv`)).rejects.toThrow(
      'expected a CSV file, found no such file',
    );
    await expect(readAll(csv, `${source}/ageless.csv`)).rejects.toThrow(
      'expected a column age, age_min or age_max',
    );
    await expect(readAll(csv, `${source}/cut.csv`)).rejects.toThrow(
      /cut.csv: expected rows of cells, found: Quote/,
    );
  });
});
