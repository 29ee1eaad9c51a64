import { describe, expect, it } from 'vitest';
import { chooseFaces } from './choose-faces.js';

const point = { x: 0, y: 0 };
const face = (score: number, width: number, height: number) => {
  const landmarks = { rightEye: point, leftEye: point, nose: point, mouth: point };
  const found = { box: { x: 0, y: 0, width, height }, score, landmarks };
  return { face: found, region: found, turned: { width: 1, height: 1, data: new Uint8Array(3) } };
};

/** As the detector gives them: by descending score. */
const FOUND = [face(0.9, 40, 50), face(0.8, 100, 30), face(0.6, 200, 220)];
const scores = (options: Parameters<typeof chooseFaces>[1]) =>
  chooseFaces(FOUND, options).map((found) => found.face.score);

describe('the faces that are estimated', () => {
  it.each([
    ['are all that were found', {}, [0.9, 0.8, 0.6]],
    ['have the least score or more', { minScore: 0.8 }, [0.9, 0.8]],
    ['are large enough on their shorter side', { minFaceSize: 40 }, [0.9, 0.6]],
    ['stand by size where that is asked for', { order: 'size' }, [0.6, 0.8, 0.9]],
    ['are the first by score', { maxFaces: 2 }, [0.9, 0.8]],
    ['are the first by size', { maxFaces: 1, order: 'size' }, [0.6]],
  ] as const)('%s', (_, options, expected) => {
    expect(scores(options)).toEqual(expected);
  });

  it('leaves what was found as it is', () => {
    chooseFaces(FOUND, { order: 'size' });
    expect(FOUND.map(({ face: { score } }) => score)).toEqual([0.9, 0.8, 0.6]);
  });
});
