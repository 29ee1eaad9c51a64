import { parseArgs } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { argumentsOf, BENCHMARKS } from '../bench/lib/benchmarks.js';
import { parseDlibBoxes } from '../bench/lib/dlib-boxes.js';
import { benchNetwork } from '../bench/lib/networks.js';
import { AbsentError } from '../bench/lib/paths.js';
import { performancePage, spreadOf } from '../bench/lib/performance.js';
import { COPIES, pad, resize, rotateBox } from '../bench/lib/pixels.js';
import { sample, seededRandom } from '../bench/lib/random.js';
import { formatTable, passes, type Result, runBenchmark } from '../bench/lib/report.js';
import { slopeWithInterval } from '../bench/lib/slope.js';
import { median } from '../bench/lib/statistics.js';
import { parseUtkFaceName } from '../bench/lib/utkface.js';

// A training on this machine is no business of these tests.
vi.mock('../bench/lib/pause.js', () => ({ pauseTraining: () => {} }));

describe('sample', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);

  it('is the same for the same seed, and another for another', () => {
    expect(sample(items, 10, 7)).toEqual(sample(items, 10, 7));
    expect(sample(items, 10, 7)).not.toEqual(sample(items, 10, 8));
  });

  it('draws different items, and all if there are fewer than requested', () => {
    expect(new Set(sample(items, 20, 1)).size).toBe(20);
    expect(sample(items, 80, 1).toSorted((a, b) => a - b)).toEqual(items);
  });

  it('draws every item about equally often', () => {
    const counts = items.map(() => 0);
    for (let seed = 0; seed < 2000; seed++) for (const item of sample(items, 5, seed)) counts[item]!++;
    // 200 expected for each, standard deviation 13.4: five of them.
    expect(Math.min(...counts)).toBeGreaterThan(133);
    expect(Math.max(...counts)).toBeLessThan(267);
  });
});

describe('seededRandom', () => {
  it('stays in [0, 1) with the mean of a uniform distribution', () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 10_000 }, random);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});

describe('median', () => {
  it('is the middle value, or the mean of the two', () => {
    expect(median([3, 100, 1])).toBe(3);
    expect(median([4, 1, 100, 2])).toBe(3);
    expect(() => median([])).toThrow('median of an empty list');
  });
});

describe('report', () => {
  it('accepts a value that equals its bound', () => {
    const requirement = { name: '', measured: 0.05, bound: 0.05, format: String };
    expect(passes({ ...requirement, kind: 'at most' })).toBe(true);
    expect(passes({ ...requirement, kind: 'at least' })).toBe(true);
    expect(passes({ ...requirement, measured: 0.06, kind: 'at most' })).toBe(false);
    expect(passes({ ...requirement, measured: Number.NaN, kind: 'at least' })).toBe(false);
  });

  it('aligns the first column to the left and the others to the right', () => {
    expect(formatTable(['name', 'n'], [['a', '10']]).split('\n')).toEqual([
      'name   n',
      '────  ──',
      'a     10',
    ]);
  });
});

describe('argumentsOf', () => {
  const benchmark = { ...BENCHMARKS[0]!, arguments: ['--faces', '4000'], later: ['--faces', '1000'] };

  it('makes runs after the first shorter', () => {
    expect(argumentsOf(benchmark, 0)).toEqual(['--faces', '4000']);
    expect(argumentsOf(benchmark, 1)).toEqual(['--faces', '1000']);
  });

  it('repeats the first run of a benchmark without shorter ones', () => {
    const { later: _, ...same } = benchmark;
    expect(argumentsOf(same, 3)).toEqual(['--faces', '4000']);
    const { arguments: __, ...none } = same;
    expect(argumentsOf(none, 3)).toEqual([]);
  });
});

describe('spreadOf', () => {
  const result = (name: string, measured: number): Result => ({
    name,
    measured,
    bound: 1,
    kind: 'at least',
    measuredText: `${measured}×`,
    boundText: '1×',
  });

  it('gives median, least and most of each figure, as runs found them', () => {
    const runs = [3, 1, 2].map((value) => [result('speed', value), result('rate', 10 * value)]);
    expect(
      spreadOf(runs).map(({ name, median, least, most }) =>
        [name, ...[median, least, most].map((one) => one.measuredText)].join(' '),
      ),
    ).toEqual(['speed 2× 1× 3×', 'rate 20× 10× 30×']);
  });

  it('takes the lower of two in the middle, and runs that lack a figure for none', () => {
    const [speed] = spreadOf([[result('speed', 4)], [result('speed', 2)], []]);
    expect([speed!.median.measured, speed!.runs]).toEqual([2, 2]);
  });

  it('stands on the page with what is asked for, and the notes below', () => {
    const page = performancePage({
      machine: 'a processor',
      date: '2026-01-02',
      command: 'npm run bench -- all --runs 2',
      measurements: [
        {
          benchmark: { name: 'train', title: 'Steps', peer: 'a | b', ours: 'fast', theirs: 'slow' },
          runs: [[result('speed', 0.5)], [result('speed', 0.75)]],
          notes: '### Where the time goes\nIn loops.\n',
        },
        { benchmark: { name: 'jobs', title: 'Jobs', peer: '', ours: '', theirs: '' }, runs: [], notes: '' },
      ],
    });
    expect(page).toContain('| speed | 0.5× | 0.5× … 0.75× | ≥ 1× | **no** |');
    expect(page).toContain('| Steps | a \\| b | 2 | 0 of 1 |');
    expect(page).toContain('### Where the time goes\nIn loops.');
    expect(page).toContain('## Jobs\n\n`npm run bench:jobs`');
    expect(page).toContain('Not measured');
  });
});

describe('runBenchmark', () => {
  const code = process.exitCode;
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterEach(() => {
    process.exitCode = code;
    vi.restoreAllMocks();
  });

  /** The exit code, and what was told as an error. */
  async function end(benchmark: () => Promise<[]>): Promise<unknown[]> {
    process.exitCode = undefined;
    const told = vi
      .spyOn(console, 'error')
      .mockReset()
      .mockImplementation(() => {});
    await runBenchmark(benchmark);
    return [process.exitCode, ...told.mock.calls.flat()];
  }

  it('reports wrong usage in one sentence', async () => {
    const unknown =
      "network: expected one of ResNet-18, MobileNet-v1, WRN-16-8, ResNet-50, VGG-16, AlexNet, Inception-v3, MobileNet-v2, MobileNet-v3-large, EfficientNet-B0, ResNet-34, found 'AlexNext'";
    expect(await end(async () => benchNetwork('AlexNext') && [])).toEqual([2, unknown]);
    const [exit, sentence] = await end(async () => parseArgs({ args: ['--fast'] }) && []);
    expect([exit, sentence]).toEqual([2, expect.stringContaining("'--fast'")]);
  });

  it('shows the stack of other errors', async () => {
    const error = new RangeError('median of an empty list');
    expect(await end(() => Promise.reject(error))).toEqual([1, error]);
  });

  it('does not fail if its material is absent', async () => {
    expect(await end(() => Promise.reject(new AbsentError('no photographs')))).toEqual([undefined]);
  });
});

describe('copies', () => {
  // A white square on black: its middle tells where a copy moved it.
  const square = { x: 30, y: 20, width: 12, height: 12 };
  const [width, height] = [120, 80];
  const data = new Uint8Array(3 * width * height);
  for (let y = square.y; y < square.y + square.height; y++) {
    data.fill(255, 3 * (y * width + square.x), 3 * (y * width + square.x + square.width));
  }
  const image = { width, height, data };

  function brightCentre(picture: typeof image): { x: number; y: number } {
    let [sumX, sumY, sum] = [0, 0, 0];
    for (let i = 0; i < picture.width * picture.height; i++) {
      const weight = picture.data[3 * i]! > 64 ? picture.data[3 * i]! : 0;
      sumX += weight * ((i % picture.width) + 0.5);
      sumY += weight * (Math.floor(i / picture.width) + 0.5);
      sum += weight;
    }
    return { x: sumX / sum, y: sumY / sum };
  }

  it.each(Object.keys(COPIES))('maps a box to where the %s copy has it', async (name) => {
    const copy = await COPIES[name]!(image);
    const box = copy.map(square);
    const centre = brightCentre(copy.image as typeof image);
    expect(Math.abs(box.x + box.width / 2 - centre.x)).toBeLessThan(0.6);
    expect(Math.abs(box.y + box.height / 2 - centre.y)).toBeLessThan(0.6);
  });

  it('halves the size of a box in the halved copy and keeps it in the rotated one', async () => {
    expect((await COPIES.halved!(image)).map(square)).toMatchObject({ width: 6, height: 6 });
    expect((await COPIES.rotated!(image)).map(square)).toMatchObject({ width: 12, height: 12 });
  });

  it('turns clockwise', () => {
    const from = { width: 100, height: 50 };
    const to = { width: 50, height: 100 };
    const turned = rotateBox({ x: 0, y: 0, width: 10, height: 10 }, from, to, 90);
    expect(turned.x).toBeCloseTo(40, 9);
    expect(turned.y).toBeCloseTo(0, 9);
  });

  it('pads each side by a share of the size', async () => {
    const padded = await pad(image, 0.25, 'black');
    expect([padded.width, padded.height]).toEqual([180, 120]);
    expect(brightCentre(padded as typeof image)).toEqual({ x: 30 + 36, y: 20 + 26 });
  });

  it('resizes to exactly the size requested', async () => {
    const resized = await resize(image, 64, 64);
    expect([resized.width, resized.height, resized.data.length]).toEqual([64, 64, 3 * 64 * 64]);
  });
});

describe('parseDlibBoxes', () => {
  it('reads the boxes of each image', () => {
    const xml = `<images><image file='a.jpg'><box top='90' left='194' width='37' height='38'/></image>
      <image file='b.jpg'></image></images>`;
    expect([...parseDlibBoxes(xml)]).toEqual([
      ['a.jpg', [{ x: 194, y: 90, width: 37, height: 38 }]],
      ['b.jpg', []],
    ]);
  });

  it('refuses a box without its four numbers', () => {
    expect(() => parseDlibBoxes("<image file='a.jpg'><box top='1' left='2' width='3'/></image>")).toThrow(
      'a box has no height',
    );
  });
});

describe('parseUtkFaceName', () => {
  it.each([
    ['/data/100_0_0_20170112213500903.jpg.chip.jpg', { age: 100, gender: 'male', race: 'White' }],
    ['1_1_3_20170112213500903.jpg.chip.jpg', { age: 1, gender: 'female', race: 'Indian' }],
    ['61_1_20170109142408075.jpg.chip.jpg', undefined],
    ['53__0_20170116184028385.jpg.chip.jpg', undefined],
    ['24_0_1_20170116220224657 .jpg.chip.jpg', { age: 24, gender: 'male', race: 'Black' }],
  ])('reads %s', (name, label) => {
    expect(parseUtkFaceName(name)).toEqual(label);
  });
});

describe('the slope of a series', () => {
  const x = Array.from({ length: 200 }, (_, i) => i / 10);
  const random = seededRandom(4);
  const noise = () => 2 * random() - 1;

  it('is that of a line, and lies in an interval that is wider where neighbours are alike', () => {
    const independent = slopeWithInterval(
      x,
      x.map((at) => 3 * at + 1 + noise()),
    );
    expect(independent.slope).toBeCloseTo(3, 1);
    expect(independent.low).toBeLessThan(3);
    expect(independent.high).toBeGreaterThan(3);
    let level = 0;
    const alike = slopeWithInterval(
      x,
      x.map((at) => {
        level = 0.9 * level + noise();
        return 3 * at + level;
      }),
    );
    expect(alike.high - alike.low).toBeGreaterThan(4 * (independent.high - independent.low));
    expect(
      slopeWithInterval(
        x,
        x.map(() => 5),
      ),
    ).toEqual({ slope: 0, low: 0, high: 0 });
  });

  it('needs a few values', () => {
    expect(() => slopeWithInterval([1, 2], [1, 2])).toThrow('a slope needs 8 pairs of values, found 2 and 2');
  });
});
