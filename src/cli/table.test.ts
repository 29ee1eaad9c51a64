import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { commonFolder, type TableOptions, tableFormat } from './table.js';
import { FACE, picture } from './testing.js';

const options = (files: string[], more: Partial<TableOptions> = {}): TableOptions => ({
  files,
  cropped: false,
  distribution: false,
  atLeast: [],
  outputs: { ages: true, groups: false, gender: true, members: 0 },
  colours: false,
  columns: undefined,
  ...more,
});

const lines = (text: string) => text.split('\n').slice(0, -1);

describe('tableFormat', () => {
  it('names each picture once, aligned below its titles', () => {
    const format = tableFormat(options(['p/a.jpg', 'p/日本.jpg']));
    const text = format.picture(picture('p/a.jpg', FACE, FACE)) + format.picture(picture('p/日本.jpg', FACE));
    const [folder, titles, ...rows] = lines(text);
    expect(folder).toBe('p/');
    expect(rows.map((row) => row.slice(0, 8).trim())).toEqual(['a.jpg', '', '日本.jpg']);
    expect(rows[0]).toContain('34.6 ±8.0');
    expect(rows[0]).toContain('21–49');
    expect(rows[0]).toContain('female  92%');
    expect(rows[0]).toContain('100×120 at 11, 20');
    const column = (line: string, what: string) => stringWidth(line.slice(0, line.indexOf(what)));
    for (const row of rows) expect(column(row, '0.95')).toBe(column(titles!, 'Score'));
  });

  it('says where there is no face, and leaves failures to stderr', () => {
    const format = tableFormat(options(['a.jpg']));
    expect(format.picture({ file: 'b.jpg', error: 'b.jpg: bad' })).toBe('');
    expect(lines(format.picture(picture('a.jpg')))[1]).toMatch(/^a\.jpg +no face$/);
    expect(format.tail({ pictures: 2, faces: 1, failed: 1 })).toBe('2 pictures, 1 face, 1 failed\n');
  });

  it('shows what is asked for and nothing else', () => {
    const face = {
      ...FACE,
      atLeast: { 18: 0.994, 25: 0.5 },
      distribution: [
        { from: 0, to: 3, p: 0.5 },
        { from: 96, to: 99, p: 0.25 },
        { from: 100, to: 100, p: 0.25 },
      ],
    };
    const outputs = { ages: true, groups: false, gender: false, members: 0 };
    const more = { cropped: true, outputs, distribution: true, atLeast: [18, 25] };
    const [titles, row] = lines(tableFormat(options(['a'], more)).picture(picture('a', face)));
    expect(titles).toMatch(/≥18 +≥25/);
    expect(titles).not.toMatch(/Gender|Score|Box/);
    expect(row).toMatch(/99% +50% +█ {23}█$/);
  });

  it('has groups and each network, and no ages of models without them', () => {
    const outputs = { ages: true, groups: true, gender: true, members: 3 };
    const group = { label: '26-30', from: 26, to: 30, probability: 0.43 };
    const face = { ...FACE, group, members: [31.24, 9.5, 100] };
    const [titles, row] = lines(tableFormat(options(['a'], { outputs })).picture(picture('a', face)));
    expect(titles).toMatch(/^Picture +Group +Age +90% range +Each network +Gender/);
    expect(row).toMatch(/^a +26-30 +43% +34\.6 ±8\.0 .* 31\.2 +9\.5 100\.0 +female/);
    const alone = { outputs: { ages: false, groups: false, gender: true, members: 0 } };
    const nothing = { ...FACE, age: Number.NaN, std: Number.NaN };
    const [bare, cells] = lines(tableFormat(options(['a'], alone)).picture(picture('a', nothing)));
    expect(bare).toMatch(/^Picture +Gender +Score +Box/);
    expect(cells).not.toContain('NaN');
  });

  it('fits a terminal, and has colours only on request', () => {
    const file = `${'long/'.repeat(30)}name.jpg`;
    const narrow = tableFormat(options([file, 'x'], { columns: 90, colours: true }));
    const [titles, row] = lines(narrow.picture(picture(file, FACE)));
    expect(stringWidth(row!)).toBeLessThanOrEqual(90);
    expect(row).toMatch(/^…\S*\/name\.jpg /);
    expect(titles).toContain('\x1b[1m');
    expect(tableFormat(options([file])).picture(picture(file, FACE))).not.toContain('\x1b');
  });

  it('leaves out columns that a narrow terminal has no room for', () => {
    const format = tableFormat(options(['photographs/of/somebody.jpg', 'x'], { columns: 40 }));
    const text = lines(format.picture(picture('photographs/of/somebody.jpg', FACE)));
    for (const line of text) expect(stringWidth(line)).toBeLessThanOrEqual(40);
    expect(text.at(-1)).toContain('34.6 ±8.0');
    expect(text.join()).not.toMatch(/Gender|Box/);
  });

  it('says after an interrupt of how many', () => {
    const { tail } = tableFormat(options(['a', 'b', 'c']));
    expect(tail({ pictures: 1, of: 3, faces: 0, failed: 0 })).toBe('1 of 3 pictures, 0 faces\n');
    expect(tail({ pictures: 3, of: 3, faces: 0, failed: 0 })).toBe('3 pictures, 0 faces\n');
  });

  it('spells out control characters in names', () => {
    const format = tableFormat(options(['a\x1b[2J\n.jpg']));
    expect(format.picture(picture('a\x1b[2J\n.jpg', FACE))).toContain('a\\x1b[2J\\n.jpg');
  });
});

describe('commonFolder', () => {
  it.each([
    [['a/b/1.jpg', 'a/b/2.jpg'], 'a/b/'],
    [['a/b/1.jpg', 'a/bc/2.jpg'], 'a/'],
    [['a/1.jpg', '-'], ''],
    [['/a/1.jpg', '/b/1.jpg'], ''],
    [[], ''],
  ])('of %j is %j', (files, folder) => {
    expect(commonFolder(files)).toBe(folder);
  });
});
