import { describe, expect, it } from 'vitest';
import { FaceEstimate } from '../estimate/index.js';
import { ROUNDED, UNROUNDED } from '../estimate/testing.js';
import { ImageError } from '../vision/index.js';
import { failureRecord, pictureRecord } from './record.js';

const face = new FaceEstimate({
  ...UNROUNDED,
  distribution: {
    classes: [
      { from: 0, to: 17 },
      { from: 18, to: 100 },
    ],
    probabilities: [0.12345678, 0.87654322],
  },
});
const estimate = { width: 640, height: 480, faces: [face] };
const plain = { distribution: false, atLeast: [] };

describe('pictureRecord', () => {
  it('rounds pixels to tenths, years to hundredths, probabilities to four places', () => {
    expect(pictureRecord('a.jpg', estimate, plain)).toStrictEqual({
      file: 'a.jpg',
      width: 640,
      height: 480,
      faces: [ROUNDED],
    });
  });

  it('prints fields in their order, those requested last', () => {
    const record = pictureRecord('a.jpg', estimate, { distribution: true, atLeast: [18, 25] });
    expect(Object.keys(record)).toEqual(['file', 'width', 'height', 'faces']);
    expect(Object.keys(record.faces[0]!)).toEqual([
      'box',
      'score',
      'landmarks',
      'age',
      'median',
      'std',
      'interval',
      'gender',
      'distribution',
      'atLeast',
    ]);
    expect(record.faces[0]!.distribution).toEqual([
      { from: 0, to: 17, p: 0.123457 },
      { from: 18, to: 100, p: 0.876543 },
    ]);
    expect(record.faces[0]!.atLeast).toEqual({ '18': 0.8765, '25': 0.8026 });
  });

  it('has null for what a cropped face lacks, and no gender if it is not predicted', () => {
    const { gender: _, ...ungendered } = face;
    const cropped = new FaceEstimate({ ...ungendered, score: null, landmarks: null });
    const [record] = pictureRecord('-', { ...estimate, faces: [cropped] }, plain).faces;
    expect(record).toMatchObject({ score: null, landmarks: null });
    expect(record).not.toHaveProperty('gender');
  });
});

it('names a picture that failed without the secrets of its address', () => {
  const url = 'https://anna:geheim@example.org/a.jpg?token=abc';
  const error = new ImageError(url, 'a file', 'a URL, which is not downloaded');
  const file = 'https://***@example.org/a.jpg?token=***';
  expect(failureRecord(url, error)).toEqual({
    file,
    error: `${file}: expected a file, found a URL, which is not downloaded`,
  });
});
