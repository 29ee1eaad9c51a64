import { describe, expect, it } from 'vitest';
import { mergeCandidates, overlap } from './merge.js';
import type { Box, DetectedFace } from './types.js';

const box = (x: number, y: number, width: number, height = width): Box => ({ x, y, width, height });

const face = (at: Box, score: number): DetectedFace => {
  const point = { x: at.x + at.width / 2, y: at.y + at.height / 2 };
  return { box: at, score, landmarks: { rightEye: point, leftEye: point, nose: point, mouth: point } };
};

describe('overlap', () => {
  it('is the shared area and its share of the union', () => {
    expect(overlap(box(0, 0, 10), box(5, 0, 10))).toEqual({ intersection: 50, iou: 50 / 150 });
    expect(overlap(box(0, 0, 10), box(10, 0, 10))).toEqual({ intersection: 0, iou: 0 });
    expect(overlap(box(0, 0, 0), box(0, 0, 0)).iou).toBe(0);
  });
});

describe('mergeCandidates', () => {
  it('averages the candidates of a face by their scores and keeps the best score', () => {
    const [merged, ...others] = mergeCandidates([face(box(0, 0, 100), 0.6), face(box(8, 0, 100), 0.9)]);
    expect(others).toEqual([]);
    expect(merged!.score).toBe(0.9);
    expect(merged!.box.x).toBeCloseTo((8 * 0.9) / 1.5);
    expect(merged!.landmarks.nose.x).toBeCloseTo(50 + (8 * 0.9) / 1.5);
  });

  it('keeps what else is known of the best candidate', () => {
    const seen = (at: Box, score: number, evidence: number) => ({ ...face(at, score), evidence });
    const [merged] = mergeCandidates([seen(box(0, 0, 100), 0.6, 1), seen(box(8, 0, 100), 0.9, 2)]);
    expect(merged!.evidence).toBe(2);
  });

  it('takes candidates for one face where they share more than 0.3 of what they cover', () => {
    const beside = (shift: number) => [face(box(0, 0, 100), 0.8), face(box(shift, 0, 100), 0.7)];
    // An IoU of 0.33, then of 0.27.
    expect(mergeCandidates(beside(50))).toHaveLength(1);
    expect(mergeCandidates(beside(58))).toHaveLength(2);
  });

  it('keeps faces apart that hardly overlap, the best first', () => {
    const merged = mergeCandidates([face(box(0, 0, 10), 0.6), face(box(8, 0, 10), 0.8)]);
    expect(merged.map((f) => f.box.x)).toEqual([8, 0]);
  });

  it('drops a small face inside a larger one, unless it scores much higher', () => {
    const portrait = face(box(0, 0, 100), 0.7);
    expect(mergeCandidates([portrait, face(box(30, 30, 30), 0.8)])).toEqual([portrait]);
    expect(mergeCandidates([portrait, face(box(30, 30, 30), 0.95)])).toHaveLength(2);
    expect(mergeCandidates([portrait, face(box(90, 30, 30), 0.6)])).toHaveLength(2);
  });

  it('ends with candidates of no area', () => {
    expect(mergeCandidates([face(box(0, 0, 0), 0.9), face(box(0, 0, 0), 0.8)])).toHaveLength(2);
    expect(mergeCandidates([])).toEqual([]);
  });
});
