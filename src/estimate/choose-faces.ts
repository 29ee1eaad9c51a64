import type { FoundFace } from '../vision/index.js';
import type { FaceOptions } from './options.js';

/** The faces to estimate, in order. `found` is in descending order of scores. */
export function chooseFaces(found: readonly FoundFace[], options: FaceOptions): FoundFace[] {
  const { minScore = 0, minFaceSize = 0, maxFaces, order = 'score' } = options;
  const large = found.filter(
    ({ face: { box, score } }) => score >= minScore && Math.min(box.width, box.height) >= minFaceSize,
  );
  if (order === 'size') large.sort((a, b) => area(b) - area(a));
  return large.slice(0, maxFaces);
}

const area = ({ face: { box } }: FoundFace): number => box.width * box.height;
