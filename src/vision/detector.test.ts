import { describe, expect, it } from 'vitest';
import type { Session, Tensors } from '../runtime/index.js';
import { FaceDetector } from './detector.js';
import { resizeImage } from './resize.js';
import type { PixelImage } from './types.js';

/** A cell's face: its position on the copy's canvas, and the network's numbers for it. */
interface Cell {
  readonly row: number;
  readonly column: number;
  readonly score: number;
  /** Centre, from the cell's own, and size, in pixels of the copy. */
  readonly center?: readonly [number, number];
  readonly size: readonly [number, number];
  readonly rightEye?: readonly [number, number];
  /** Default 9, enough for any face. */
  readonly evidence?: number;
}

const picture = (width: number, height: number): PixelImage => ({
  width,
  height,
  data: new Uint8Array(3 * width * height),
});

/** A detector over a network that answers with the cells that `look` gives for a copy of some size. */
function detectorOf(look: (width: number, height: number) => readonly Cell[]) {
  const sizes: [number, number][] = [];
  const copies: PixelImage[] = [];
  const least: number[] = [];
  const run = async ({ image, least: logit }: Tensors): Promise<Tensors> => {
    const [, height = 0, width = 0] = image!.dims;
    sizes.push([width, height]);
    copies.push({ width, height, data: image!.data as Uint8Array });
    least.push((logit!.data as Float32Array)[0]!);
    const found = look(width, height);
    const columns = Math.ceil(width / 32) * 8;
    const points = new Float32Array(16 * found.length);
    const set = (channel: number, i: number, [x, y]: readonly [number, number]) => {
      points[channel * found.length + i] = x;
      points[(channel + 1) * found.length + i] = y;
    };
    found.forEach(({ center = [0, 0], size: sides, rightEye = [0, 0] }, i) => {
      set(0, i, center);
      set(2, i, sides);
      set(4, i, rightEye);
    });
    return {
      cells: tensor(
        'int64',
        BigInt64Array.from(found, ({ row, column }) => BigInt(row * columns + column)),
      ),
      logits: tensor(
        'float32',
        Float32Array.from(found, ({ score }) => Math.log(score / (1 - score))),
      ),
      points: tensor('float32', points),
      evidence: tensor(
        'float32',
        Float32Array.from(found, ({ evidence = 9 }) => evidence),
      ),
    };
  };
  const session = { run } as unknown as Session;
  return { detector: new FaceDetector(session), sizes, copies, least };
}

const tensor = (type: string, data: BigInt64Array | Float32Array) => ({ type, dims: [data.length], data });

/** One face of a size in pixels of the picture, whichever copy is looked at. */
const faceOf = (side: number, whole: number) => (width: number) => {
  const scaled = (side * width) / whole;
  const middle = Math.floor(width / 8);
  // The usual box is 0.9 times as wide and 1.18 times as high as the network's.
  return [{ row: middle, column: middle, score: 0.89, size: [scaled / 1.18, scaled / 1.18] as const }];
};

describe('FaceDetector', () => {
  it('looks at a picture at several sizes', async () => {
    const { detector, sizes } = detectorOf(faceOf(1000, 1920));
    await detector.detect(picture(1920, 1440));
    expect(sizes).toEqual([
      [1024, 768],
      [512, 384],
      [256, 192],
      [128, 96],
    ]);
  });

  it('makes each copy from the one before', async () => {
    const { detector, sizes, copies } = detectorOf(faceOf(300, 400));
    const image = { ...picture(400, 300), data: Uint8Array.from({ length: 360_000 }, (_, i) => i * 7) };
    await detector.detect(image);
    expect(sizes).toEqual([
      [213, 160],
      [107, 80],
    ]);
    const first = resizeImage(image, 213, 160);
    expect(copies).toEqual([first, resizeImage(first, 107, 80)]);
  });

  it('gives a face where its cell says, in pixels of the picture', async () => {
    // The copy of 320 × 192 lies on a canvas of 80 columns of cells of 4 pixels; the picture is 1.875 times as long.
    const cell: Cell = {
      row: 10,
      column: 20,
      score: 0.9,
      center: [2, -1],
      size: [50, 40],
      rightEye: [-8, -6],
    };
    const { detector } = detectorOf((width) => (width === 320 ? [cell] : []));
    const [face, ...others] = await detector.detect(picture(600, 360));
    expect(others).toEqual([]);
    expect(face!.score).toBeCloseTo(0.9);
    const scale = 600 / 320;
    // MediaPipe's box is shifted and scaled to the usual one: see BOX_STYLE.
    const [centerX, centerY] = [82 + 2 + 0.02 * 50, 42 - 1 - 0.05 * 40];
    expect(face!.box.width).toBeCloseTo(0.9 * 50 * scale);
    expect(face!.box.height).toBeCloseTo(1.18 * 40 * scale);
    expect(face!.box.x + face!.box.width / 2).toBeCloseTo(centerX * scale);
    expect(face!.box.y + face!.box.height / 2).toBeCloseTo(centerY * scale);
    expect(face!.landmarks.rightEye.x).toBeCloseTo((82 - 8) * scale);
    expect(face!.landmarks.rightEye.y).toBeCloseTo((42 - 6) * scale);
  });

  it('leaves out a box that is turned inside out', async () => {
    const { detector } = detectorOf(() => [{ row: 5, column: 5, score: 0.9, size: [-5, 10] }]);
    expect(await detector.detect(picture(600, 360))).toEqual([]);
  });

  it.each([
    ['no closer where a face takes more than a third of it', 126, [192, 96]],
    ['closer where all faces are smaller', 114, [192, 96, 320, 160]],
  ])('looks at a small picture %s', async (_, side, expected) => {
    const { detector, sizes } = detectorOf(faceOf(side, 360));
    expect(await detector.detect(picture(360, 360))).toHaveLength(1);
    expect(sizes.map(([width]) => width)).toEqual(expected);
  });

  it('looks again at a face of a high score that has little evidence', async () => {
    const { detector, sizes } = detectorOf((width, height) =>
      faceOf(300, 400)(width).map((cell) => ({ ...cell, evidence: width === height ? -9 : 0 })),
    );
    expect(await detector.detect(picture(400, 300))).toEqual([]);
    expect(sizes).toEqual([
      [213, 160],
      [107, 80],
      [128, 128],
      [128, 128],
    ]);
  });

  it('looks at the sizes in between where it finds nothing, unless that is left out', async () => {
    const { detector, sizes } = detectorOf(() => []);
    await detector.detect(picture(640, 480), { between: false });
    expect(sizes.map(([width]) => width)).toEqual([341, 171]);
    sizes.length = 0;
    await detector.detect(picture(640, 480));
    expect(sizes.map(([width]) => width)).toEqual([341, 171, 241, 121]);
  });

  it.each([
    [undefined, 0.45],
    [0.2, 0.2],
    [0, 0.05],
    [0.9, 0.45],
  ])('asked for a score of %s or more, leaves out cells below %s', async (minScore, expected) => {
    const { detector, least } = detectorOf(() => []);
    await detector.detect(picture(640, 480), minScore === undefined ? {} : { minScore });
    for (const logit of least) expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(expected);
    expect(least.length).toBeGreaterThan(0);
  });
});
