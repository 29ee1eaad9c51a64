import { describe, expect, it } from 'vitest';
import { compareBoxes, faceSize, intersectionOverUnion, matchBoxes } from '../bench/lib/matching.js';

const box = (x: number, y: number, width: number, height = width) => ({ x, y, width, height });

describe('intersectionOverUnion', () => {
  it('is 1 for equal boxes, 0 for boxes that touch, a third for a shift by half', () => {
    expect(intersectionOverUnion(box(3, 4, 10), box(3, 4, 10))).toBe(1);
    expect(intersectionOverUnion(box(0, 0, 10), box(10, 0, 10))).toBe(0);
    expect(intersectionOverUnion(box(0, 0, 10), box(0, 5, 10))).toBeCloseTo(1 / 3, 12);
  });

  it('is 0 for boxes apart on both axes', () => {
    expect(intersectionOverUnion(box(0, 0, 10), box(30, 30, 10))).toBe(0);
  });
});

describe('matchBoxes', () => {
  it('gives up the closest pair if that lets a second face be found', () => {
    // The first reference overlaps both detections, the second one only the detection that is the first's best.
    const detections = [box(0, 0, 100), box(-20, 0, 100)];
    const references = [box(2, 0, 100), box(30, 0, 100)];
    expect(matchBoxes(detections, references, 0.5)).toEqual([1, 0]);
  });

  it('matches one detection with one reference only', () => {
    expect(matchBoxes([box(0, 0, 100)], [box(1, 0, 100), box(0, 0, 100)], 0.4)).toEqual([0, undefined]);
  });

  it('prefers the reference with the larger overlap if the number of pairs is the same', () => {
    expect(matchBoxes([box(20, 0, 100), box(0, 0, 100)], [box(0, 0, 100)], 0.4)).toEqual([1]);
  });

  it('accepts an overlap of exactly the threshold', () => {
    expect(matchBoxes([box(0, 5, 10)], [box(0, 0, 10)], 1 / 3)).toEqual([0]);
  });
});

describe('compareBoxes', () => {
  const rule = { minIou: 0.4, minSize: 24 };

  it('counts a second detection of the same face as false', () => {
    const agreement = compareBoxes([box(0, 0, 50), box(2, 0, 50)], [box(0, 0, 50)], rule);
    expect(agreement).toEqual({ expected: 1, found: 1, false: 1 });
  });

  it('counts a match with a small face as neither found nor false', () => {
    expect(compareBoxes([box(0, 0, 20)], [box(0, 0, 20)], rule)).toEqual({ expected: 0, found: 0, false: 0 });
  });

  it('returns a detection that fits a small and a large face to the large one', () => {
    const agreement = compareBoxes([box(0, 0, 24)], [box(0, 0, 23), box(3, 0, 24)], rule);
    expect(agreement).toEqual({ expected: 1, found: 1, false: 0 });
  });

  it('counts a face of exactly the smallest size', () => {
    expect(faceSize(box(0, 0, 16, 36))).toBe(24);
    expect(compareBoxes([], [box(0, 0, 16, 36)], rule).expected).toBe(1);
  });
});
