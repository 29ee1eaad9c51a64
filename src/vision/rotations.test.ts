import { expect, it } from 'vitest';
import type { FoundFace } from './find-faces.js';
import { withAngle } from './rotations.js';
import type { DetectedFace, PixelImage } from './types.js';

const BOX = { x: 130, y: 80, width: 60, height: 80 };
const MIDDLE = { x: BOX.x + BOX.width / 2, y: BOX.y + BOX.height / 2 };

/** A grey picture with a bright mark above the face's middle, if the face is turned by `degrees`, clockwise. */
function marked(degrees: number): PixelImage {
  const [width, height] = [320, 240];
  const data = new Uint8Array(3 * width * height).fill(80);
  const angle = (degrees * Math.PI) / 180;
  const [x, y] = [MIDDLE.x + 40 * Math.sin(angle), MIDDLE.y - 40 * Math.cos(angle)];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) < 5)
        data.fill(255, 3 * (row * width + column), 3 * (row * width + column) + 3);
    }
  }
  return { width, height, data };
}

/** The angle of the mark in a view, in degrees from the top, clockwise. */
function markIn({ width, height, data }: PixelImage): number {
  let [x, y, weight] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    const bright = Math.max(0, data[3 * i]! - 80);
    x += bright * ((i % width) + 0.5 - width / 2);
    y += bright * (Math.floor(i / width) + 0.5 - height / 2);
    weight += bright;
  }
  return (Math.atan2(x / weight, -y / weight) * 180) / Math.PI;
}

const face = (box: DetectedFace['box'], score: number): DetectedFace => {
  const point = { x: box.x, y: box.y };
  return { box, score, landmarks: { rightEye: point, leftEye: point, nose: point, mouth: point } };
};

/** Is the more certain of a face the nearer to the top its mark is; beside it always sees another thing, with certainty. */
const detector = {
  detect: async (view: PixelImage) => {
    // The size of a face in views of each side.
    const size = { 96: 40, 160: 64, 224: 80 }[view.width]!;
    const [width, height] = [size * Math.sqrt(60 / 80), size * Math.sqrt(80 / 60)];
    const own = { x: (view.width - width) / 2, y: (view.height - height) / 2, width, height };
    return [face({ x: 0, y: 0, width: 20, height: 20 }, 0.99), face(own, 0.9 - Math.abs(markIn(view)) / 200)];
  },
};

const found = (turned: PixelImage): FoundFace => ({ face: face(BOX, 0.8), turned, region: face(BOX, 0.8) });

it.each([
  [0, 0],
  [24, 25],
  [-41, -40],
  [60, 60],
  // Further than is looked.
  [75, 60],
])('a face turned by %i° is found to be turned by %i°', async (turned, expected) => {
  const { region } = await withAngle(detector, found(marked(turned)));
  expect((region.angle! * 180) / Math.PI).toBeCloseTo(expected, 9);
  expect(region.box).toEqual(BOX);
});

it('a face that the detector does not see again is not turned', async () => {
  const { region } = await withAngle({ detect: async () => [] }, found(marked(30)));
  expect(region.angle).toBe(0);
});
