import { describe, expect, it } from 'vitest';
import { csvFormat } from './csv.js';
import { FACE, picture } from './testing.js';

const outputs = { ages: true, groups: false, gender: true, members: 0 };
const plain = { distribution: false, atLeast: [], outputs };

/** RFC 4180, section 2, as a state machine. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === ',' || c === '\n')) {
      rows.at(-1)!.push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else cell += c;
  }
  expect([cell, quoted, rows.pop()]).toEqual(['', false, []]);
  return rows;
}

/** Rows as objects by column, every row of every column. */
function table(text: string): Record<string, string>[] {
  const [names, ...rows] = parse(text);
  return rows.map((row) => {
    expect(row).toHaveLength(names!.length);
    return Object.fromEntries(row.map((cell, i) => [names![i]!, cell]));
  });
}

describe('csvFormat', () => {
  it('has one row a face', () => {
    const csv = csvFormat(plain);
    const rows = table(csv.head() + csv.picture(picture('a.jpg', FACE, { ...FACE, age: 5 })));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual({
      file: 'a.jpg',
      picture_width: '640',
      picture_height: '480',
      face: '1',
      x: '10.5',
      y: '20',
      width: '100',
      height: '120.4',
      score: '0.9512',
      age: '34.57',
      median: String(FACE.median),
      std: '8.01',
      interval_low: '21.4',
      interval_high: '48.6',
      gender: 'female',
      gender_probability: '0.92',
      right_eye_x: '1',
      right_eye_y: '2',
      left_eye_x: '3',
      left_eye_y: '4',
      nose_x: '5',
      nose_y: '6',
      mouth_x: '7',
      mouth_y: '8',
      error: '',
    });
    expect(rows[1]).toMatchObject({ file: 'a.jpg', face: '2', age: '5' });
  });

  it('has the group and each network, and empty cells for what is not estimated', () => {
    const csv = csvFormat({ ...plain, outputs: { ...outputs, groups: true, members: 2 } });
    const group = { label: '26-30', from: 26, to: 30, probability: 0.43 };
    const faces = [
      { ...FACE, group, members: [31.2, 9.5] },
      { ...FACE, age: Number.NaN },
    ];
    const rows = table(csv.head() + csv.picture(picture('a.jpg', ...faces)));
    expect(rows[0]).toMatchObject({
      group: '26-30',
      group_probability: '0.43',
      member_1: '31.2',
      member_2: '9.5',
    });
    expect(rows[1]).toMatchObject({ age: '', group: '', member_1: '' });
  });

  it('keeps a row for a picture without faces and for one that failed', () => {
    const csv = csvFormat({ outputs: { ...outputs, gender: false }, distribution: true, atLeast: [18] });
    const failure = { file: 'b.jpg', error: 'b.jpg: expected an image, found text' };
    const rows = table(csv.head() + csv.picture(picture('a.jpg')) + csv.picture(failure));
    expect(rows[0]).toMatchObject({ file: 'a.jpg', picture_width: '640', face: '', p_0: '', error: '' });
    expect(rows[1]).toMatchObject({ file: 'b.jpg', picture_width: '', face: '', error: failure.error });
    expect(rows[0]).not.toHaveProperty('gender');
  });

  it('quotes what would break a row', () => {
    const csv = csvFormat(plain);
    const file = 'a,"b"\nc.jpg';
    expect(table(csv.head() + csv.picture(picture(file, FACE)))).toMatchObject([{ file, face: '1' }]);
  });

  it('leaves no text that a spreadsheet would compute', () => {
    const csv = csvFormat(plain);
    const rows = table(csv.head() + csv.picture(picture('=1+1.jpg')) + csv.picture(picture('-')));
    expect(rows).toMatchObject([{ file: "'=1+1.jpg" }, { file: '-' }]);
  });

  it('spreads the distribution over a column for each year', () => {
    const csv = csvFormat({ outputs, distribution: true, atLeast: [18] });
    const distribution = [
      { from: 10, to: 13, p: 0.4 },
      { from: 20, to: 20, p: 0.6 },
    ];
    const [row] = table(
      csv.head() + csv.picture(picture('a', { ...FACE, distribution, atLeast: { 18: 0.6 } })),
    );
    expect(row).toMatchObject({
      at_least_18: '0.6',
      p_9: '0',
      p_10: '0.1',
      p_13: '0.1',
      p_20: '0.6',
      p_100: '0',
    });
  });
});
