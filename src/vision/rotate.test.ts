import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { rotateImage, type Turn, turnBackBox, turnBackFace, turnBackPoint } from './rotate.js';
import { noise, paint, pixel } from './testing.js';

const TURNS: readonly Turn[] = [90, 180, 270];

describe('rotateImage', () => {
  it.each(TURNS)('turns by %i° as sharp does, bit for bit', async (turn) => {
    const image = noise(13, 7);
    const { data, info } = await sharp(image.data, { raw: { width: 13, height: 7, channels: 3 } })
      .rotate(turn)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const turned = rotateImage(image, turn);
    expect([turned.width, turned.height]).toEqual([info.width, info.height]);
    expect(turned.data).toEqual(new Uint8Array(data));
  });
});

describe('the way back', () => {
  it.each(TURNS)('from a turn by %i° finds each pixel where it was', (turn) => {
    const image = paint(9, 5, (x, y) => [x * 20, y * 20, 0]);
    const turned = rotateImage(image, turn);
    for (let y = 0; y < turned.height; y++) {
      for (let x = 0; x < turned.width; x++) {
        const at = turnBackPoint({ x: x + 0.5, y: y + 0.5 }, turn, image);
        expect(pixel(image, at.x - 0.5, at.y - 0.5)).toEqual(pixel(turned, x, y));
      }
    }
  });

  it.each([
    [90, { x: 20, y: 20, width: 40, height: 30 }],
    [180, { x: 50, y: 10, width: 30, height: 40 }],
    [270, { x: 50, y: 20, width: 30, height: 40 }],
  ] as const)('from a turn by %i° keeps a box’s corners in order', (turn, expected) => {
    const given = { width: 100, height: 80 };
    const inTurned = {
      90: { x: 30, y: 20, width: 30, height: 40 },
      180: { x: 20, y: 30, width: 30, height: 40 },
      270: { x: 20, y: 20, width: 40, height: 30 },
    }[turn];
    expect(turnBackBox(inTurned, turn, given)).toEqual(expected);
  });

  it('takes a face whole', () => {
    const given = { width: 100, height: 80 };
    const points = {
      rightEye: { x: 35, y: 30 },
      leftEye: { x: 50, y: 30 },
      nose: { x: 42, y: 40 },
      mouth: { x: 42, y: 50 },
    };
    const face = turnBackFace(
      { box: { x: 30, y: 20, width: 30, height: 40 }, score: 0.9, landmarks: points },
      90,
      given,
    );
    expect(face).toEqual({
      box: { x: 20, y: 20, width: 40, height: 30 },
      score: 0.9,
      landmarks: {
        rightEye: { x: 30, y: 45 },
        leftEye: { x: 30, y: 30 },
        nose: { x: 40, y: 38 },
        mouth: { x: 50, y: 38 },
      },
    });
  });
});
