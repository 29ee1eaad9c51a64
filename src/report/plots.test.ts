import { describe, expect, it } from 'vitest';
import { barChart, histogram } from './bars.js';
import { boxPlot, quartiles } from './box.js';
import { densityPlot } from './density.js';
import { escapeText, type Html } from './html.js';
import { linePlot } from './lines.js';
import { scatterPlot } from './scatter.js';
import { heatTable, table } from './table.js';
import { STYLE } from './theme.js';

const TEXT = { caption: 'A <plot>', xLabel: 'age & "years"', yLabel: 'pictures' };

/** Elements in order, each with its attributes; throws if tags do not match. */
function elements(markup: Html): { name: string; attributes: Record<string, string>; text: string }[] {
  const found: ReturnType<typeof elements> = [];
  const open: string[] = [];
  for (const [, close, name, inside, empty, text] of markup.text.matchAll(
    /<(\/?)([a-z]+)((?:\s[a-z-]+="[^"<>]*")*)\s*(\/?)>([^<]*)/gi,
  )) {
    if (close) {
      expect(name).toBe(open.pop());
      continue;
    }
    if (!empty) open.push(name!);
    const attributes = Object.fromEntries(
      [...inside!.matchAll(/([\w-]+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!]),
    );
    found.push({ name: name!, attributes, text: text! });
  }
  expect(open).toEqual([]);
  return found;
}

const rectsOf = (markup: Html, type: string) =>
  elements(markup)
    .filter(({ name, attributes }) => name === 'rect' && attributes.class === type)
    .map(({ attributes }) => ({
      x: Number(attributes.x),
      y: Number(attributes.y),
      width: Number(attributes.width),
      height: Number(attributes.height),
    }));

describe('histogram', () => {
  const drawn = histogram({
    ...TEXT,
    from: 10,
    binWidth: 5,
    series: [
      { name: 'female', values: [4, 0, 8] },
      { name: 'male', values: [2, 0, 2] },
    ],
    notes: [{ bin: 1, kind: 'low', text: 'a <gap>' }],
  });

  it('has columns as high as their values, stacked', () => {
    const [first, third] = rectsOf(drawn, 'c0');
    const [above, aboveThird] = rectsOf(drawn, 'c1');
    expect(third!.height).toBeCloseTo(2 * first!.height, 1);
    expect(above!.height).toBeCloseTo(first!.height / 2, 1);
    expect(above!.y + above!.height).toBeCloseTo(first!.y, 1);
    expect(aboveThird!.y + aboveThird!.height).toBeCloseTo(third!.y, 1);
    expect(first!.y + first!.height).toBeCloseTo(third!.y + third!.height, 1);
  });

  it('has bins at equal distances, without a column if there is nothing', () => {
    const hits = rectsOf(drawn, 'hit');
    expect(hits).toHaveLength(3);
    expect(hits[1]!.x - hits[0]!.x).toBeCloseTo(hits[0]!.width, 1);
    expect(rectsOf(drawn, 'c0')).toHaveLength(2);
  });

  it('shows the values, and escapes its input', () => {
    const titles = elements(drawn).filter(({ name }) => name === 'title');
    expect(titles.map(({ text }) => text)).toEqual([
      '12.5: 6, female 4, male 2',
      '17.5: 0',
      '22.5: 10, female 8, male 2',
      'a &lt;gap&gt;',
    ]);
    expect(drawn.text).toContain('aria-label="A &lt;plot&gt;"');
    expect(drawn.text).toContain('age &amp; &quot;years&quot;');
  });

  it('has a legend only if there is something to distinguish', () => {
    expect(drawn.text).toContain('<li class="c1">male</li>');
    const alone = histogram({ ...TEXT, from: 0, binWidth: 1, series: [{ name: 'all', values: [1] }] });
    expect(alone.text).not.toContain('legend');
  });

  it('has the given width', () => {
    const wide = histogram({
      ...TEXT,
      width: 1000,
      from: 0,
      binWidth: 1,
      series: [{ name: 'all', values: [1, 2] }],
    });
    expect(elements(wide).find(({ name }) => name === 'svg')!.attributes.viewBox).toBe('0 0 1000 280');
    const hits = rectsOf(wide, 'hit');
    expect(hits[0]!.x).toBe(54);
    expect(hits[1]!.x + hits[1]!.width).toBe(986);
  });

  it('of nothing is a drawing too', () => {
    expect(elements(histogram({ ...TEXT, from: 0, binWidth: 1, series: [] })).length).toBeGreaterThan(3);
  });
});

it('a bar chart names its columns, leaving names out if they would collide', () => {
  const names = Array.from({ length: 60 }, (_, i) => `category ${i}`);
  const values = names.map((_, i) => i);
  const few = barChart({ ...TEXT, names: names.slice(0, 3), series: [{ name: 'n', values: [1, 2, 3] }] });
  expect(['category 0', 'category 1', 'category 2'].every((name) => few.text.includes(`>${name}<`))).toBe(
    true,
  );
  const many = barChart({ ...TEXT, names, series: [{ name: 'n', values }] });
  const written = elements(many).filter(({ name, text }) => name === 'text' && text.startsWith('category'));
  expect(written.length).toBeGreaterThan(4);
  expect(written.length).toBeLessThan(15);
});

describe('line plot', () => {
  it('interrupts a curve if a value is missing', () => {
    const drawn = linePlot({
      ...TEXT,
      series: [
        {
          name: 'loss',
          points: [
            [0, 1],
            [1, 2],
            [2, Number.NaN],
            [3, 2],
            [4, 1],
          ],
        },
      ],
    });
    const path = elements(drawn).find(({ attributes }) => attributes.class === 'line c0')!.attributes.d!;
    expect(path.match(/[ML]/g)!.join('')).toBe('MLML');
    expect(path).not.toContain('NaN');
  });

  it('closes a band around the curve', () => {
    const series = [
      {
        name: 'loss',
        points: [
          [0, 1],
          [1, 2],
        ] as const,
        band: [
          [0, 2],
          [1, 3],
        ] as const,
      },
    ];
    const path = elements(linePlot({ ...TEXT, series })).find(
      ({ attributes }) => attributes.class === 'band c0',
    )!;
    expect(path.attributes.d!.match(/[MLZ]/g)!.join('')).toBe('MLLLZ');
  });

  const loss = (...points: [number, number][]) => [{ name: 'loss', points }];
  const texts = (markup: Html) =>
    elements(markup)
      .filter(({ name }) => name === 'text')
      .map(({ text }) => text);

  it('reaches as far as requested, and writes y in its own way', () => {
    const drawn = linePlot({
      ...TEXT,
      series: loss([0, 0.1], [1, 0.2]),
      fromZero: true,
      upTo: 1,
      yFormat: (value) => `${100 * value}%`,
    });
    expect(texts(drawn)).toEqual(expect.arrayContaining(['0%', '100%']));
    const dots = elements(drawn).filter(({ name }) => name === 'circle');
    // From the bottom of 280 − 44 to the top margin of 24: 212 pixels for 1.
    expect(dots.map(({ attributes }) => Number(attributes.cy))).toEqual([214.8, 193.6]);
    expect(drawn.text).toContain('loss: 20% at 1<');
  });

  it('writes only whole numbers along what counts', () => {
    const series = loss([1, 5], [2, 4], [3, 3]);
    const halves = texts(linePlot({ ...TEXT, series }));
    expect(halves).toContain('1.5');
    const whole = texts(linePlot({ ...TEXT, series, xWhole: true }));
    expect(whole).toEqual(expect.arrayContaining(['1', '2', '3']));
    expect(whole).not.toContain('1.5');
  });

  it('has two whole numbers or more along what counts, also where there is one value', () => {
    const along = (...points: [number, number][]) =>
      texts(linePlot({ ...TEXT, series: loss(...points), xWhole: true })).filter((text) =>
        /^\d+$/.test(text),
      );
    expect(along([1, 5.5])).toEqual(expect.arrayContaining(['0', '1', '2']));
    expect(along([10.5, 2.5], [11.2, 3.5])).toEqual(expect.arrayContaining(['10', '11', '12']));
  });

  it('distinguishes numbers of y that are near each other', () => {
    const drawn = texts(linePlot({ ...TEXT, series: loss([1, 2.3011], [2, 2.3044]) }));
    expect(drawn).toEqual(expect.arrayContaining(['2.301', '2.302', '2.303', '2.304']));
  });

  it('has names along x', () => {
    const drawn = linePlot({ ...TEXT, series: loss([0, 1], [1, 2]), xNames: ['0-9', '10-<'] });
    expect(texts(drawn)).toEqual(expect.arrayContaining(['0-9', '10-&lt;']));
    expect(drawn.text).toContain('loss: 2 at 10-&lt;<');
    const dots = elements(drawn).filter(({ name }) => name === 'circle');
    expect(dots.map(({ attributes }) => Number(attributes.cx))).toEqual([217, 543]);
  });

  it('marks where something begins, with names if they fit', () => {
    const marks = [
      { x: 0, name: 'collides' },
      { x: 1, name: 'frozen' },
      { x: 50, name: '<fine>' },
      { x: 100, name: 'beyond' },
    ];
    const drawn = linePlot({ ...TEXT, series: loss([0, 1], [100, 2]), marks });
    const guides = elements(drawn).filter(({ attributes }) => attributes.class === 'guide');
    expect(guides.map(({ attributes }) => attributes.d)).toEqual([
      'M54 24V236',
      'M60.52 24V236',
      'M380 24V236',
      'M706 24V236',
    ]);
    const names = marks.map(({ name }) => escapeText(name));
    const written = texts(drawn).filter((text) => names.includes(text));
    expect(written).toEqual(['frozen', '&lt;fine&gt;']);
    expect(drawn.text).toContain('<title>collides</title>');
  });

  it('names points beside their dots, inside the drawing, also where others have none', () => {
    const points = Array.from({ length: 100 }, (_, i): [number, number] => [i, i]);
    const names = points.map((_, i) => (i === 10 ? 'ten' : i === 99 ? 'last' : undefined));
    const found = elements(linePlot({ ...TEXT, series: [{ name: 's', points, names }] }));
    expect(found.filter(({ name }) => name === 'circle')).toHaveLength(2);
    const written = found.filter(({ text }) => ['ten', 'last'].includes(text) && text !== '');
    const texts = written.filter(({ name }) => name === 'text');
    expect(texts.map(({ text, attributes }) => [text, attributes['text-anchor']])).toEqual([
      ['ten', undefined],
      ['last', 'end'],
    ]);
  });

  it('draws the line if both are the same, over given domains', () => {
    const drawn = linePlot({
      ...TEXT,
      series: loss([0.2, 0.4]),
      xDomain: [0, 1],
      fromZero: true,
      upTo: 1,
      diagonal: true,
    });
    const guide = elements(drawn).find(({ attributes }) => attributes.class === 'guide')!;
    expect(guide.attributes.d).toBe('M54 236L706 24');
  });

  it('distinguishes lines by their dashes, in the legend too', () => {
    const series = [...loss([0, 1], [1, 2]), { name: 'other', points: [[0, 1]] as const }];
    expect(linePlot({ ...TEXT, series }).text).toContain('<ul class="legend lines">');
    expect(STYLE.text).toMatch(/svg \.line\.c1\{[^}]*stroke-dasharray:9 4\}/);
    expect(STYLE.text).toMatch(/\.lines \.c1::before\{background:repeating-linear-gradient/);
  });

  it('has dots on all curves or on none', () => {
    const points = (count: number) => Array.from({ length: count }, (_, i): [number, number] => [i, i]);
    const dots = (...counts: number[]) =>
      elements(
        linePlot({ ...TEXT, series: counts.map((n) => ({ name: `${n}`, points: points(n) })) }),
      ).filter(({ name }) => name === 'circle').length;
    expect(dots(20, 60)).toBe(80);
    expect(dots(20, 61)).toBe(0);
  });

  it('draws a hundred thousand points', () => {
    const points = Array.from({ length: 100_000 }, (_, i): [number, number] => [i, Math.sin(i / 1e4)]);
    expect(elements(linePlot({ ...TEXT, series: [{ name: 's', points }] })).length).toBeLessThan(100);
  });
});

describe('box plot', () => {
  it('has the quartiles that R computes', () => {
    // R: quantile(c(2,4,4,5,7,9,30), c(.25,.5,.75)) = 4 5 8; whiskers within 4 − 6 .. 8 + 6.
    expect(quartiles([30, 2, 4, 9, 4, 5, 7])).toEqual({ low: 2, q1: 4, median: 5, q3: 8, high: 9 });
    expect(quartiles([1, 2])).toEqual({ low: 1, q1: 1.25, median: 1.5, q3: 1.75, high: 2 });
    expect(() => quartiles([])).toThrow('at least one value');
  });

  it('draws the box from quartile to quartile', () => {
    const drawn = boxPlot({
      ...TEXT,
      groups: [{ name: 'a', low: 0, q1: 25, median: 50, q3: 75, high: 100 }],
    });
    const box = elements(drawn).find(({ name }) => name === 'rect')!.attributes;
    // From the top margin of 24 to the bottom of 280 − 44: 212 pixels for 100.
    expect([Number(box.y), Number(box.height)]).toEqual([77, 106]);
  });
});

it('a scatter plot with a diagonal has one domain for both axes', () => {
  const drawn = scatterPlot({
    ...TEXT,
    diagonal: true,
    series: [
      {
        name: 's',
        points: [
          [0, 100],
          [50, Number.NaN],
        ],
      },
    ],
  });
  const found = elements(drawn);
  expect(found.find(({ attributes }) => attributes.class === 'guide')!.attributes.d).toBe('M54 236L706 24');
  expect(found.find(({ attributes }) => attributes.class === 'dots c0')!.attributes.d).toBe('M54 24h0');
});

describe('tables', () => {
  it('have headers for rows and columns', () => {
    const shown = table({
      caption: 'Splits',
      columns: [{ title: 'split' }, { title: 'pictures', kind: 'number' }],
      rows: [['<train>', 12_000]],
    });
    expect(shown.text).toContain(
      '<th scope="row" class="text">&lt;train&gt;</th><td class="number">12\u202f000</td>',
    );
    expect(elements(shown).filter(({ attributes }) => attributes.scope === 'col')).toHaveLength(2);
  });

  it('name what neighbouring columns have in common', () => {
    const shown = table({
      caption: 'Epochs',
      columns: [
        { title: 'epoch' },
        { title: 'loss', group: 'training' },
        { title: 'mae', group: 'training' },
        { title: 'loss', group: 'validation' },
        { title: 'time' },
        { title: '' },
      ],
      rows: [[1, 2, 3, 4, 5, 6]],
    });
    const [above] = shown.text.split('</tr>');
    expect(above).toMatch(
      /<tr><td><\/td><th [^>]*colspan="2">training<\/th><th [^>]*colspan="1">validation<\/th><td><\/td><td><\/td>$/,
    );
    elements(shown);
  });

  it('shade cells by their value, and sum rows and columns', () => {
    const rows = {
      columns: ['x', 'y'],
      rows: ['a', 'b'],
      values: [
        [0, 4],
        [16, Number.NaN],
      ],
      totals: true,
    };
    const shown = heatTable({ caption: 'Counts', corner: 'age', ...rows });
    const shades = elements(shown).flatMap(({ attributes }) => attributes.style ?? []);
    expect(shades).toEqual(['--shade:0%', '--shade:31%', '--shade:62%']);
    const sums = elements(shown).filter(({ attributes }) => attributes.class === 'number total');
    expect(sums.map(({ text }) => text)).toEqual(['4', '16', '16', '4', '20']);
  });
});

it('a density plot shades cells by what they hold, and states it', () => {
  const cells = [
    [0, 50, 4],
    [50, 0, 16],
  ] as const;
  const drawn = densityPlot({ ...TEXT, cell: 50, domain: [0, 100], cells });
  const [first, second] = elements(drawn).filter(({ attributes }) => attributes.class === 'cell');
  // 652 by 212 pixels for 100 by 100.
  expect(first!.attributes).toMatchObject({ x: '54', y: '24', width: '326', height: '106' });
  expect([first, second].map((cell) => Number(cell!.attributes['fill-opacity']))).toEqual([0.56, 1]);
  expect(drawn.text).toContain('<title>0 to 50, 50 to 100: 4</title>');
  expect(densityPlot({ ...TEXT, cell: 1, domain: [0, 1], cells: [] }).text).not.toContain('NaN');
});
