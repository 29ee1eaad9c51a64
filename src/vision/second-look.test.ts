import { describe, expect, it } from 'vitest';
import { isCertain, isFace } from './second-look.js';
import type { DetectedFace, PixelImage } from './types.js';

const picture: PixelImage = { width: 300, height: 300, data: new Uint8Array(300 * 300 * 3) };

/** A face of 60 × 60 pixels in the middle, looking to its left: its nose is 10 pixels off. */
const face = (score: number): DetectedFace => ({
  box: { x: 120, y: 120, width: 60, height: 60 },
  score,
  landmarks: {
    rightEye: { x: 135, y: 135 },
    leftEye: { x: 160, y: 135 },
    nose: { x: 160, y: 150 },
    mouth: { x: 150, y: 165 },
  },
});

/**
 * A detector that sees that face at each look with a score, mirrored at every second one, its points shifted by a share of
 * its size that is another each time. Counts its looks.
 */
function looking(scores: (look: number) => number | undefined, shift: (look: number) => number = () => 0) {
  let looks = 0;
  const look = async ({ width }: PixelImage): Promise<DetectedFace[]> => {
    const n = looks++;
    const score = scores(n);
    if (score === undefined) return [];
    const size = [40, 40, 56, 56, 80, 80][n]!;
    const scale = size / 60;
    const at = ({ x, y }: { x: number; y: number }) => ({
      x: width / 2 + (n % 2 === 1 ? -1 : 1) * ((x - 150) * scale + shift(n) * size),
      y: width / 2 + (y - 150) * scale,
    });
    const { rightEye, leftEye, nose, mouth } = face(score).landmarks;
    const [right, left] = n % 2 === 1 ? [leftEye, rightEye] : [rightEye, leftEye];
    const box = { x: (width - size) / 2, y: (width - size) / 2, width: size, height: size };
    return [
      { box, score, landmarks: { rightEye: at(right), leftEye: at(left), nose: at(nose), mouth: at(mouth) } },
    ];
  };
  return { look, count: () => looks };
}

describe('a face', () => {
  const moved = (found: DetectedFace, by: number): DetectedFace => ({
    ...found,
    landmarks: { ...found.landmarks, nose: { x: found.landmarks.nose.x + by, y: found.landmarks.nose.y } },
  });

  it.each([
    ['of a high score is certain', 0.8, [], true],
    ['of a middling score that one copy shows is not', 0.7, [face(0.7)], false],
    ['of a middling score that two copies show alike is certain', 0.7, [face(0.7), face(0.5)], true],
    [
      'of a middling score that two copies show otherwise is not',
      0.7,
      [face(0.7), moved(face(0.5), 12)],
      false,
    ],
    ['of a low score is not', 0.6, [face(0.6), face(0.5)], false],
  ])('%s', (_, score, candidates, certain) => {
    expect(isCertain(face(score), [face(score)], candidates)).toBe(certain);
  });

  it('of a middling score is certain beside one of a high score', () => {
    expect(isCertain(face(0.7), [face(0.8), face(0.7)], [])).toBe(true);
    expect(isCertain(face(0.6), [face(0.8), face(0.6)], [])).toBe(false);
  });
});

describe('a second look', () => {
  it('accepts a face immediately if it is clearly seen again', async () => {
    const { look, count } = looking(() => 0.9);
    expect(await isFace(look, picture, face(0.5))).toBe(true);
    expect(count()).toBe(1);
  });

  it('takes what is never seen again for none, after looking in three sizes and mirrored', async () => {
    const { look, count } = looking(() => undefined);
    expect(await isFace(look, picture, face(0.77))).toBe(false);
    expect(count()).toBe(6);
  });

  it('takes what is seen faintly but in the same way, mirrored too, for a face', async () => {
    expect(await isFace(looking(() => 0.5).look, picture, face(0.5))).toBe(true);
  });

  it('takes what is seen another way each time for none', async () => {
    const scattered = looking(
      () => 0.5,
      (look) => [0, 0.2, -0.2, 0.15, -0.1, 0.2][look]!,
    );
    expect(await isFace(scattered.look, picture, face(0.5))).toBe(false);
  });

  it('does not count a face elsewhere in the view', async () => {
    const { look } = looking(() => 0.9);
    const elsewhere = async (image: PixelImage) =>
      (await look(image)).map((found) => ({ ...found, box: { ...found.box, x: found.box.x + 50 } }));
    expect(await isFace(elsewhere, picture, face(0.7))).toBe(false);
  });
});
