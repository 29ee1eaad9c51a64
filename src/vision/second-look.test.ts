import { describe, expect, it } from 'vitest';
import { type Candidate, evidenceNeeded, isCertain, isFace, views } from './second-look.js';
import type { PixelImage } from './types.js';

const picture: PixelImage = { width: 300, height: 300, data: new Uint8Array(300 * 300 * 3) };

/** A face of 60 × 60 pixels in the middle of a square picture, or of another size. */
const face = (score: number, { side = 300, size = 60, evidence = 0 } = {}): Candidate => ({
  box: { x: (side - size) / 2, y: (side - size) / 2, width: size, height: size },
  score,
  evidence,
  landmarks: {
    rightEye: { x: 135, y: 135 },
    leftEye: { x: 160, y: 135 },
    nose: { x: 160, y: 150 },
    mouth: { x: 150, y: 165 },
  },
});

/** The sizes of the face in the views, by their sides. */
const SIZES = new Map([
  [96, 40],
  [128, 56],
  [160, 80],
]);

async function* given(...evidence: readonly number[]) {
  yield* evidence;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

describe('a face', () => {
  const certain = (score: number, evidence: number, inCompany: boolean) =>
    isCertain(face(score, { evidence }), inCompany);

  it('of a very high score is certain', () => {
    expect(certain(0.92, -9, false)).toBe(true);
    expect(certain(0.88, -9, false)).toBe(false);
  });

  it('of a high score is certain with clear evidence where it was found', () => {
    expect(certain(0.85, 5, false)).toBe(true);
    expect(certain(0.85, 4, false)).toBe(false);
    expect(certain(0.8, 5, false)).toBe(false);
  });

  it('of a middling score is certain in company of another', () => {
    expect(certain(0.7, 9, false)).toBe(false);
    expect(certain(0.7, -9, true)).toBe(true);
    expect(certain(0.6, 9, true)).toBe(false);
  });
});

describe('a second look', () => {
  it('shows the face in three sizes, plain and mirrored, and gives its evidence', async () => {
    let looks = 0;
    const sides: number[] = [];
    const look = async ({ width }: PixelImage) => {
      sides.push(width);
      return [face(0.3, { side: width, size: SIZES.get(width)!, evidence: looks++ })];
    };
    expect(await all(views(look, picture, face(0.5)))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(sides).toEqual([128, 128, 96, 96, 160, 160]);
  });

  it('takes the evidence of the highest score, and none elsewhere in the view', async () => {
    const at = (side: number, score: number, evidence: number) =>
      face(score, { side, size: SIZES.get(side)!, evidence });
    const look = async ({ width }: PixelImage) => {
      const elsewhere = at(width, 0.9, 9);
      return [
        { ...elsewhere, box: { ...elsewhere.box, x: elsewhere.box.x + 50 } },
        at(width, 0.2, 1),
        at(width, 0.6, 2),
      ];
    };
    expect(await all(views(look, picture, face(0.5)))).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('gives no evidence where it does not see the face again', async () => {
    expect(await all(views(async () => [], picture, face(0.7)))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  const ENOUGH = evidenceNeeded(face(0.5), false);

  it('takes for a face what has enough evidence on average', async () => {
    expect(await isFace(given(1, 3, 0, 4, 2, 2), ENOUGH)).toBe(true);
    expect(await isFace(given(1, 3, 0, 0, 2, 1), ENOUGH)).toBe(false);
  });

  it('takes what is never seen again for none', async () => {
    expect(await isFace(given(0, 0, 0, 0, 0, 0), evidenceNeeded(face(0.5), true))).toBe(false);
  });

  it('asks for more evidence the smaller a face is, and for less in company of another', () => {
    const needed = [15, 30, 60].map((size) => evidenceNeeded(face(0.5, { size }), false));
    expect(needed).toEqual(needed.toSorted((a, b) => b - a));
    expect(new Set(needed).size).toBe(3);
    expect(evidenceNeeded(face(0.5, { size: 15 }), true)).toBeLessThan(Math.min(...needed));
  });

  it.each([
    [9, true, 2],
    [-9, false, 2],
    [4, true, 6],
  ])('with evidence of %f in its first view decides %s after %i looks', async (evidence, expected, looks) => {
    let asked = 0;
    const counted = async function* () {
      for (; asked < 6; ) {
        asked++;
        yield evidence;
      }
    };
    expect(await isFace(counted(), ENOUGH)).toBe(expected);
    expect(asked).toBe(looks);
  });
});
