/** Records that the tests of the formats share. */
import type { FaceRecord, PictureRecord } from '../bulk/index.js';

export const FACE: FaceRecord = {
  box: { x: 10.5, y: 20, width: 100, height: 120.4 },
  score: 0.9512,
  landmarks: {
    rightEye: { x: 1, y: 2 },
    leftEye: { x: 3, y: 4 },
    nose: { x: 5, y: 6 },
    mouth: { x: 7, y: 8 },
  },
  age: 34.57,
  median: 34.1,
  std: 8.01,
  interval: [21.4, 48.6],
  gender: { label: 'female', probability: 0.92 },
};

export function picture(file: string, ...faces: FaceRecord[]): PictureRecord {
  return { file, width: 640, height: 480, faces };
}
