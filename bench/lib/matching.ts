/** How well detected boxes agree with reference boxes. */
import type { Box } from '../../src/vision/index.js';

/** Area of the intersection over area of the union, in 0..1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}

/** The size of a face in pixels: the square root of its box's area. */
export function faceSize(box: Box): number {
  return Math.sqrt(box.width * box.height);
}

/** Counts of one or more pictures. */
export interface Agreement {
  /** Reference faces that are large enough to be asked for. */
  readonly expected: number;
  /** Those of them that were found. */
  readonly found: number;
  /** Detections that match no reference face of any size. */
  readonly false: number;
}

/**
 * Matches detections with reference boxes one to one where their IoU is at least `minIou`, so that as many
 * reference boxes as possible are found (maximum bipartite matching by augmenting paths; Kuhn, 1955).
 * A reference box smaller than `minSize` pixels is not asked for: what matches it is neither found nor false.
 */
export function compareBoxes(
  detections: readonly Box[],
  references: readonly Box[],
  { minIou, minSize }: { minIou: number; minSize: number },
): Agreement {
  // The expected ones go first: an augmenting path never unmatches a box, so small ones cannot displace them.
  const expected = references.filter((box) => faceSize(box) >= minSize);
  const small = references.filter((box) => faceSize(box) < minSize);
  const matched = matchBoxes(detections, [...expected, ...small], minIou);
  return {
    expected: expected.length,
    found: matched.slice(0, expected.length).filter((index) => index !== undefined).length,
    false: detections.length - matched.filter((index) => index !== undefined).length,
  };
}

/** For each reference box the index of its detection, or undefined; earlier reference boxes have precedence. */
export function matchBoxes(
  detections: readonly Box[],
  references: readonly Box[],
  minIou: number,
): (number | undefined)[] {
  const choices = references.map((reference) =>
    detections
      .map((detection, index) => ({ index, iou: intersectionOverUnion(detection, reference) }))
      .filter(({ iou }) => iou >= minIou)
      .sort((a, b) => b.iou - a.iou)
      .map(({ index }) => index),
  );
  const detectionOf: (number | undefined)[] = references.map(() => undefined);
  const referenceOf: (number | undefined)[] = detections.map(() => undefined);

  const augment = (reference: number, visited: Set<number>): boolean => {
    for (const detection of choices[reference]!) {
      if (visited.has(detection)) continue;
      visited.add(detection);
      const rival = referenceOf[detection];
      if (rival === undefined || augment(rival, visited)) {
        referenceOf[detection] = reference;
        detectionOf[reference] = detection;
        return true;
      }
    }
    return false;
  };
  references.forEach((_, reference) => {
    augment(reference, new Set());
  });
  return detectionOf;
}

/** The sum of several pictures' counts. */
export function sumAgreements(agreements: readonly Agreement[]): Agreement {
  return agreements.reduce(
    (sum, one) => ({
      expected: sum.expected + one.expected,
      found: sum.found + one.found,
      false: sum.false + one.false,
    }),
    { expected: 0, found: 0, false: 0 },
  );
}
