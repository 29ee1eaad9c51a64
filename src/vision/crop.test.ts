import { describe, expect, it } from 'vitest';
import { type CropSpec, cropRegion, cropTransform, rollAngle } from './crop.js';

const picture = { width: 640, height: 480 };
const box = { x: 100, y: 50, width: 80, height: 100 };
const spec: CropSpec = { margin: 0.4, crop: 'square', alignment: 'none' };

describe('cropRegion', () => {
  it('makes the longer side a square around the centre, with the margin on each side', () => {
    expect(cropRegion(picture, { box }, spec)).toEqual({
      center: { x: 140, y: 100 },
      width: 180,
      height: 180,
      angle: 0,
    });
  });

  it('keeps the box as it is when it is stretched', () => {
    const crop = cropRegion(picture, { box }, { ...spec, crop: 'stretch' });
    expect(crop.width).toBeCloseTo(144, 12);
    expect(crop.height).toBeCloseTo(180, 12);
  });

  it('takes the whole picture without a margin where there is no region', () => {
    const center = { x: 320, y: 240 };
    expect(cropRegion(picture, null, { ...spec, crop: 'stretch' })).toEqual({ center, ...picture, angle: 0 });
    expect(cropRegion(picture, null, spec)).toEqual({ center, width: 640, height: 640, angle: 0 });
  });

  it('turns by the roll only where the network asks for it and the eyes are known', () => {
    const landmarks = { rightEye: { x: 120, y: 80 }, leftEye: { x: 150, y: 110 } };
    const roll: CropSpec = { ...spec, alignment: 'roll' };
    expect(cropRegion(picture, { box, landmarks }, roll).angle).toBeCloseTo(Math.PI / 4, 12);
    expect(cropRegion(picture, { box, landmarks }, spec).angle).toBe(0);
    expect(cropRegion(picture, { box, landmarks: null }, roll).angle).toBe(0);
    expect(cropRegion(picture, { box }, roll).angle).toBe(0);
  });

  it('turns by the angle of the best rotation only where the network asks for it and it was sought', () => {
    const rotations: CropSpec = { ...spec, alignment: 'rotations' };
    const landmarks = { rightEye: { x: 120, y: 80 }, leftEye: { x: 150, y: 110 } };
    expect(cropRegion(picture, { box, landmarks, angle: 0.5 }, rotations).angle).toBe(0.5);
    expect(cropRegion(picture, { box, landmarks }, rotations).angle).toBe(0);
    expect(cropRegion(picture, { box, angle: 0.5 }, spec).angle).toBe(0);
    expect(cropRegion(picture, { box, angle: 0.5 }, { ...spec, alignment: 'roll' }).angle).toBe(0);
  });
});

describe('rollAngle', () => {
  it.each([
    [{ x: 10, y: 0 }, 0],
    [{ x: 0, y: 10 }, Math.PI / 2],
    [{ x: -10, y: 0 }, Math.PI],
    [{ x: 10, y: -10 }, -Math.PI / 4],
    [{ x: 0, y: 0 }, 0],
  ])('of a left eye at %o from the right one', (leftEye, angle) => {
    expect(rollAngle({ rightEye: { x: 0, y: 0 }, leftEye })).toBeCloseTo(angle, 12);
  });
});

describe('cropTransform', () => {
  it('sends the output’s corners to the crop’s', () => {
    const map = cropTransform({ center: { x: 50, y: 60 }, width: 20, height: 40, angle: 0 }, 10, 10);
    expect(map).toEqual({ x: 40, y: 40, ax: 2, ay: 0, bx: -0, by: 4 });
  });

  it('turns about the centre, clockwise as seen', () => {
    const crop = { center: { x: 50, y: 60 }, width: 20, height: 40, angle: Math.PI / 2 };
    const expected = [
      { x: 70, y: 50 },
      { x: 70, y: 70 },
      { x: 30, y: 70 },
      { x: 30, y: 50 },
    ];
    const { x, y, ax, ay, bx, by } = cropTransform(crop, 1, 1);
    const corners = [
      { x, y },
      { x: x + ax, y: y + ay },
      { x: x + ax + bx, y: y + ay + by },
      { x: x + bx, y: y + by },
    ];
    corners.forEach((corner, i) => {
      expect(corner.x).toBeCloseTo(expected[i]!.x, 9);
      expect(corner.y).toBeCloseTo(expected[i]!.y, 9);
    });
  });
});
