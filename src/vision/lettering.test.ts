import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { letter, letteringSvg } from './lettering.js';

/** The ink of a text in a grey image: the columns and rows it reaches, and how much there is. */
async function ink(text: string, cap = 40) {
  const line = letter(text);
  const [width, height] = [Math.ceil((line.width * cap) / 20) + 80, cap + 80];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${letteringSvg(line, 40, 40, cap, '#fff')}</svg>`;
  const data = await sharp(Buffer.from(svg))
    .flatten({ background: '#000' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  let [left, right, top, bottom, sum] = [width, -1, height, -1, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x]!;
      sum += value;
      if (value < 128) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return { left: left - 40, right: right - 40, top: top - 40, bottom: bottom - 40, sum, line };
}

describe('letter', () => {
  it('sets capitals from the top to the baseline and as wide as it says', async () => {
    const { left, right, top, bottom, line } = await ink('HE');
    // Half a stroke of 2.9 units reaches over each side: 2.9 px at this size.
    expect(left).toBeCloseTo(-3, -0.5);
    expect(right).toBeCloseTo(line.width * 2 + 2, -0.5);
    expect(top).toBeCloseTo(-3, -0.5);
    expect(bottom).toBeCloseTo(42, -0.5);
  });

  it('draws every character that a label may hold, each in its own shape', () => {
    const characters = [
      ...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ±–-+%♀♂≥≤.,:;!?/()',
    ];
    const shapes = characters.map((character) => letter(character).paths);
    expect(new Set(shapes).size).toBe(characters.length);
    expect(shapes).not.toContain(letter('漢').paths);
  });

  it('leaves ink for each character', async () => {
    const all = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ±–-+%♀♂≥≤.,:;!?/()';
    const one = (await ink('.')).sum;
    expect(one).toBeGreaterThan(0);
    for (const character of all) expect((await ink(character, 20)).sum, character).toBeGreaterThan(one / 8);
  });

  it('takes accents off and puts a box for what it does not know', () => {
    expect(letter('Zoë')).toEqual(letter('Zoe'));
    expect(letter('漢')).toEqual(letter('字'));
    expect(letter('漢').width).toBeGreaterThan(0);
  });

  it('counts spaces between words but none at the end', () => {
    expect(letter('34 ').width).toBe(letter('34').width);
    expect(letter('3 4').width).toBeGreaterThan(letter('34').width);
    expect(letter('').width).toBe(0);
  });
});
