import { describe, expect, it } from 'vitest';
import { placeLabels } from './labels.js';
import type { Box } from './types.js';

const picture = { width: 400, height: 300 };
const face = (x: number, y: number, size = 40): Box => ({ x, y, width: size, height: size });
const request = (box: Box, width = 80, height = 20) => ({ face: box, width, height });

const meet = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('placeLabels', () => {
  it('puts a lone face’s label above it', () => {
    expect(placeLabels(picture, [request(face(100, 100))], 4)).toEqual([
      { x: 100, y: 76, width: 80, height: 20 },
    ]);
  });

  it('puts it below a face at the upper edge', () => {
    expect(placeLabels(picture, [request(face(100, 5))], 4)).toEqual([
      { x: 100, y: 49, width: 80, height: 20 },
    ]);
  });

  it('keeps labels inside the picture, wherever the face is', () => {
    for (const x of [-20, 0, 180, 380, 395]) {
      for (const y of [-20, 0, 140, 280, 295]) {
        const [box] = placeLabels(picture, [request(face(x, y))], 4);
        expect(box!.x).toBeGreaterThanOrEqual(0);
        expect(box!.y).toBeGreaterThanOrEqual(0);
        expect(box!.x + 80).toBeLessThanOrEqual(400);
        expect(box!.y + 20).toBeLessThanOrEqual(300);
      }
    }
  });

  it('keeps a face larger than the picture’s room inside itself', () => {
    const [box] = placeLabels(picture, [request({ x: 0, y: 0, width: 400, height: 300 })], 4);
    expect(box).toEqual({ x: 4, y: 4, width: 80, height: 20 });
  });

  it('keeps neighbours’ labels off each other and off other faces', () => {
    const faces = [face(100, 100), face(145, 100), face(190, 104)];
    const boxes = placeLabels(
      picture,
      faces.map((box) => request(box)),
      4,
    );
    boxes.forEach((box, i) => {
      for (const other of boxes.slice(i + 1)) expect(meet(box, other)).toBe(false);
      for (const other of faces) expect(meet(box, other)).toBe(false);
    });
  });

  it('answers in the order asked, the larger face having chosen first', () => {
    const [small, large] = placeLabels(
      picture,
      [request(face(110, 100, 20)), request(face(100, 100, 40))],
      4,
    );
    expect(large).toEqual({ x: 100, y: 76, width: 80, height: 20 });
    expect(meet(small!, large!)).toBe(false);
  });
});
