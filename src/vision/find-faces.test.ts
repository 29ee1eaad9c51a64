import { describe, expect, it } from 'vitest';
import { type FoundFace, findFaces, labelledFace } from './find-faces.js';
import { rotateImage, type Turn } from './rotate.js';
import type { DetectedFace, PixelImage } from './types.js';

/** A picture whose first pixel tells which way up it is. */
const picture: PixelImage = { width: 40, height: 20, data: new Uint8Array(2400) };
picture.data[0] = 255;

const upright = (image: PixelImage, score: number): DetectedFace => ({
  box: { x: 2, y: 4, width: 6, height: 8 },
  score,
  landmarks: {
    rightEye: { x: 3, y: 6 },
    leftEye: { x: 7, y: 6 },
    nose: { x: 5, y: 8 },
    mouth: { x: 5, y: image.height > 10 ? 10 : 9 },
  },
});

/** Finds one face where the bright pixel is at the top left, otherwise what `elsewhere` says. */
const detector = (elsewhere: readonly DetectedFace[] = [], score = 0.9) => {
  const seen: string[] = [];
  return {
    seen,
    detect: async (image: PixelImage) => {
      seen.push(`${image.width}x${image.height}`);
      return image.data[0] === 255 ? [upright(image, score)] : [...elsewhere];
    },
  };
};

const turned = (turn: Turn) => rotateImage(picture, turn);

describe('findFaces', () => {
  it('looks once at a picture with an upright face', async () => {
    const d = detector();
    const [found] = await findFaces(d, picture, { turn: true });
    expect(found!.face).toBe(found!.region);
    expect(found!.turned).toBe(picture);
    expect(d.seen).toEqual(['40x20']);
  });

  it.each([90, 180, 270] as const)(
    'finds the faces of a picture turned by %d°, in its own pixels',
    async (turn) => {
      const given = turned(turn);
      const [found] = await findFaces(detector(), given, { turn: true });
      // The face is cropped from the upright picture ...
      expect(found!.region.box).toEqual({ x: 2, y: 4, width: 6, height: 8 });
      expect(found!.turned.data[0]).toBe(255);
      // ... and reported where it lies in the given one.
      const { box } = found!.face;
      const corner = turn === 90 ? [20 - 12, 2] : turn === 180 ? [40 - 8, 20 - 12] : [4, 40 - 8];
      expect([box.x, box.y]).toEqual(corner);
      expect([box.width, box.height]).toEqual(turn === 180 ? [6, 8] : [8, 6]);
    },
  );

  it('does not turn the picture where that is switched off', async () => {
    const d = detector();
    expect(await findFaces(d, turned(90), { turn: false })).toEqual([]);
    expect(d.seen).toHaveLength(1);
  });

  it('takes the way up with the most evidence over doubtful sideways faces', async () => {
    const sideways = upright(picture, 0.65);
    const [found] = await findFaces(detector([sideways]), turned(180), { turn: true });
    expect(found!.face.score).toBe(0.9);
  });

  it('does not let many doubtful faces outweigh a sure one', async () => {
    const doubtful = [0.6, 0.55, 0.5, 0.46].map((score) => upright(picture, score));
    const [found, ...others] = await findFaces(detector(doubtful), turned(180), { turn: true });
    expect(found!.face.score).toBe(0.9);
    expect(others).toEqual([]);
  });

  it('keeps the way up of a doubtful face that no turn makes surer', async () => {
    const [found] = await findFaces(detector([], 0.55), picture, { turn: true });
    expect(found!.turned).toBe(picture);
    expect(found!.face.score).toBe(0.55);
  });

  it('does not believe a weak face in a turned picture', async () => {
    expect(await findFaces(detector([], 0.55), turned(90), { turn: true })).toEqual([]);
  });
});

describe('the face of a label', () => {
  const at = (x: number, side: number): FoundFace => {
    const point = { x, y: x };
    const landmarks = { rightEye: point, leftEye: point, nose: point, mouth: point };
    const face = { box: { x, y: x, width: side, height: side }, score: 1, landmarks };
    return { face, region: face, turned: { width: 1, height: 1, data: new Uint8Array(3) } };
  };
  const [small, large] = [at(0, 10), at(50, 40)];

  it('is the one in its box, however large others are', () => {
    expect(labelledFace([large, small], { x: 1, y: 1, width: 12, height: 12 })).toBe(small);
    expect(labelledFace([large, small], { x: 20, y: 20, width: 10, height: 10 })).toBeUndefined();
    // Intersections of 40 and 30 pixels over unions of 160 and 170.
    expect(labelledFace([small], { x: 6, y: 0, width: 10, height: 10 })).toBe(small);
    expect(labelledFace([small], { x: 7, y: 0, width: 10, height: 10 })).toBeUndefined();
  });

  it('is the largest where it has no box', () => {
    expect(labelledFace([small, large], undefined)).toBe(large);
    expect(labelledFace([], undefined)).toBeUndefined();
  });
});
