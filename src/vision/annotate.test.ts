import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { annotateImage, isAnnotated, MARK_WITHIN } from './annotate.js';
import { decodeImage } from './decode.js';
import { drawFaces } from './draw.js';
import { paint, pixel } from './testing.js';

const grey = (width: number, height: number) => paint(width, height, () => 128);
const box = { x: 100, y: 80, width: 60, height: 70 };

/** Whether a pixel differs from the grey picture. */
const marked = (rgb: number[]) => rgb.some((v) => Math.abs(v - 128) > 12);

describe('annotateImage', () => {
  it('encodes JPEG, or PNG when asked', async () => {
    const formats = await Promise.all(
      [undefined, 'jpeg', 'png'].map(async (format) => {
        const options = format ? { format: format as 'jpeg' | 'png' } : {};
        return (await sharp(await annotateImage(grey(40, 30), [], options)).metadata()).format;
      }),
    );
    expect(formats).toEqual(['jpeg', 'jpeg', 'png']);
  });

  it('makes copies that are known again by their start, as no picture is', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const copy = await annotateImage(grey(400, 300), [], { format });
      expect(isAnnotated(copy.subarray(0, MARK_WITHIN))).toBe(true);
      const picture = await sharp(copy).toFormat(format).toBuffer();
      expect(isAnnotated(picture.subarray(0, MARK_WITHIN))).toBe(false);
    }
  });

  it('leaves a picture without faces as it is', async () => {
    const image = paint(40, 30, (x, y) => [x * 6, y * 8, 90]);
    expect(await decodeImage(await annotateImage(image, [], { format: 'png' }))).toEqual(image);
  });

  it('draws the box along the face’s edges and leaves the face itself untouched', async () => {
    const image = await decodeImage(
      await annotateImage(grey(300, 200), [{ box, label: '' }], { format: 'png' }),
    );
    for (const [x, y] of [
      [130, 80],
      [130, 149],
      [100, 115],
      [159, 115],
    ] as const) {
      expect(marked(pixel(image, x, y)), `${x}, ${y}`).toBe(true);
    }
    for (let y = 90; y < 140; y++) {
      for (let x = 110; x < 150; x++) expect(pixel(image, x, y)).toEqual([128, 128, 128]);
    }
  });

  it('writes the label on a dark plate above the face, in white', async () => {
    const faces = [{ box, label: '34 ±8 ♀ 92%' }];
    const image = await decodeImage(await annotateImage(grey(300, 200), faces, { format: 'png' }));
    let [dark, bright] = [0, 0];
    for (let y = 50; y < 76; y++) {
      for (let x = 80; x < 220; x++) {
        const [red] = pixel(image, x, y);
        if (red! < 60) dark++;
        if (red! > 200) bright++;
      }
    }
    expect(dark).toBeGreaterThan(300);
    expect(bright).toBeGreaterThan(60);
  });

  it('keeps a label inside a picture narrower than its text', async () => {
    const svg = drawFaces({ width: 40, height: 60 }, [
      { box: { x: 5, y: 20, width: 30, height: 30 }, label: '34 ±8 female 92%' },
    ]);
    const plate = svg.match(
      /<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)" rx="[\d.]+" fill="#/,
    );
    const [x, y, width, height] = plate!.slice(1).map(Number);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x! + width!).toBeLessThanOrEqual(40.01);
    expect(y! + height!).toBeLessThanOrEqual(60.01);
  });

  it('draws faces that reach beyond the picture, and a picture of one pixel', async () => {
    const beyond = [{ box: { x: -50, y: -50, width: 500, height: 500 }, label: '5' }];
    const image = await decodeImage(await annotateImage(grey(300, 200), beyond));
    expect([image.width, image.height]).toEqual([300, 200]);
    const tiny = await decodeImage(
      await annotateImage(grey(1, 1), [{ box: { x: 0, y: 0, width: 1, height: 1 }, label: '5' }]),
    );
    expect([tiny.width, tiny.height]).toEqual([1, 1]);
  });

  it('makes no element of what a label says', () => {
    const svg = drawFaces({ width: 300, height: 200 }, [{ box, label: '<script>"&' }]);
    expect(svg).not.toContain('script');
  });
});
