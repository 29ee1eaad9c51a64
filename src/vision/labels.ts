/** Places labels inside the picture, close to their faces, and clear of other labels and faces. */
import { overlap } from './merge.js';
import type { Box, PixelImage } from './types.js';

/** A label's size in pixels, and the face it belongs to. */
export interface LabelRequest {
  readonly face: Box;
  readonly width: number;
  readonly height: number;
}

/** The cost of covering a pixel of another label, of another face, or of the face itself. */
const COST_OF_LABEL = 8;
const COST_OF_FACE = 2;
const COST_OF_OWN_FACE = 1;
/** The cost of each further position in the list, as a share of the label's area. */
const COST_OF_RANK = 0.02;
/** The cost of moving a label by one pixel to keep it inside the picture, times its height. */
const COST_OF_MOVE = 1;

/**
 * Places labels one after another, those of large faces first, each at the position of least cost.
 *
 * @param gap pixels between a face's box and its label
 * @returns boxes in the order of `requests`, each of the requested size, and inside the picture if it fits
 */
export function placeLabels(
  image: Pick<PixelImage, 'width' | 'height'>,
  requests: readonly LabelRequest[],
  gap: number,
): Box[] {
  const placed: Box[] = new Array(requests.length);
  const done: Box[] = [];
  const order = requests.map((_, i) => i).sort((a, b) => area(requests[b]!.face) - area(requests[a]!.face));
  for (const index of order) {
    const request = requests[index]!;
    let best: Box | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    candidates(request, gap).forEach((candidate, rank) => {
      const box = keepInside(candidate, image);
      const moved = Math.abs(box.x - candidate.x) + Math.abs(box.y - candidate.y);
      let cost = rank * COST_OF_RANK * area(box) + COST_OF_MOVE * moved * box.height;
      for (const other of done) cost += COST_OF_LABEL * overlap(box, other).intersection;
      for (const other of requests) {
        cost += (other === request ? COST_OF_OWN_FACE : COST_OF_FACE) * overlap(box, other.face).intersection;
      }
      if (cost < lowest) {
        lowest = cost;
        best = box;
      }
    });
    placed[index] = best!;
    done.push(best!);
  }
  return placed;
}

/** The positions tried, most natural first: above the face, below it, beside it, inside its box. */
function candidates({ face, width, height }: LabelRequest, gap: number): Box[] {
  const left = face.x;
  const middle = face.x + (face.width - width) / 2;
  const right = face.x + face.width - width;
  const [above, below] = [face.y - gap - height, face.y + face.height + gap];
  const places: [number, number][] = [];
  for (const y of [above, below]) for (const x of [left, middle, right]) places.push([x, y]);
  const [before, after] = [face.x - gap - width, face.x + face.width + gap];
  for (const y of [face.y, face.y + face.height - height]) places.push([after, y], [before, y]);
  for (const y of [face.y + gap, face.y + face.height - gap - height]) places.push([left + gap, y]);
  return places.map(([x, y]) => ({ x, y, width, height }));
}

function keepInside(box: Box, image: Pick<PixelImage, 'width' | 'height'>): Box {
  const x = Math.max(0, Math.min(box.x, image.width - box.width));
  const y = Math.max(0, Math.min(box.y, image.height - box.height));
  return { ...box, x, y };
}

function area(box: Box): number {
  return box.width * box.height;
}
