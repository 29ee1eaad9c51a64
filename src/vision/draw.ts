/** Faces with their labels as a transparent SVG, to be composited over the picture. */
import { placeLabels } from './labels.js';
import { CAP_HEIGHT, type Lettering, letter, letteringSvg } from './lettering.js';
import type { Box, PixelImage } from './types.js';

/** The drawing of a face: its box, and a label such as `34 ±8 ♀ 92%` on a plate beside it. */
export interface AnnotatedFace {
  readonly box: Box;
  /** Empty for a box alone. */
  readonly label: string;
}

/** Unlike any skin or hair colour; the plate makes it readable on bright and dark pictures. */
const LINE_COLOUR = '#4df0d6';
const PLATE_COLOUR = '#0a1420';
const PLATE_OPACITY = 0.78;
const TEXT_COLOUR = '#ffffff';

/** Cap height as a share of the face's size, within bounds that depend on the picture's, in pixels. */
const CAP_OF_FACE = 0.085;
const CAP_OF_PICTURE = 0.0075;
const SMALLEST_CAP = 7;
const LARGEST_OF_SMALLEST_CAP = 2.4;

/** Padding around the text and the plate's corner radius, in cap heights. */
const PADDING_X = 0.62;
const PADDING_Y = 0.5;
const CORNER = 0.5;

interface Label {
  readonly text: Lettering;
  readonly cap: number;
  readonly width: number;
  readonly height: number;
}

/** An SVG document of the picture's size with the faces' boxes and labels. Needs no font. */
export function drawFaces(
  image: Pick<PixelImage, 'width' | 'height'>,
  faces: readonly AnnotatedFace[],
): string {
  const smallest = Math.max(SMALLEST_CAP, CAP_OF_PICTURE * Math.max(image.width, image.height));
  const labelled = faces.filter((face) => face.label.trim() !== '');
  const labels = labelled.map((face) => makeLabel(face, smallest, image.width));
  const places = placeLabels(
    image,
    labels.map(({ width, height }, i) => ({ face: labelled[i]!.box, width, height })),
    Math.max(2, smallest * 0.3),
  );
  const boxes = faces.map((face) => drawBox(face.box, smallest)).join('');
  const plates = labels.map((label, i) => drawLabel(label, places[i]!)).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${image.width}" height="${image.height}" ` +
    `viewBox="0 0 ${image.width} ${image.height}">${boxes}${plates}</svg>`
  );
}

function makeLabel(face: AnnotatedFace, smallest: number, pictureWidth: number): Label {
  const text = letter(face.label.trim());
  const wanted = CAP_OF_FACE * Math.sqrt(face.box.width * face.box.height);
  const preferred = Math.min(Math.max(wanted, smallest), smallest * LARGEST_OF_SMALLEST_CAP);
  // In a very narrow picture the text shrinks to stay inside.
  const widthOfCap = text.width / CAP_HEIGHT + 2 * PADDING_X;
  const cap = Math.min(preferred, pictureWidth / widthOfCap);
  return { text, cap, width: cap * widthOfCap, height: cap * (1 + 2 * PADDING_Y) };
}

function drawBox(box: Box, smallest: number): string {
  const side = Math.sqrt(box.width * box.height);
  const line = Math.min(Math.max(1.25, smallest * 0.16, side * 0.009), smallest * 0.5);
  const radius = Math.min(side * 0.08, smallest * 1.5);
  const shape =
    `<rect x="${box.x.toFixed(2)}" y="${box.y.toFixed(2)}" width="${box.width.toFixed(2)}" ` +
    `height="${box.height.toFixed(2)}" rx="${radius.toFixed(2)}" fill="none"`;
  return (
    `${shape} stroke="${PLATE_COLOUR}" stroke-opacity="0.45" stroke-width="${(line * 2.2).toFixed(2)}"/>` +
    `${shape} stroke="${LINE_COLOUR}" stroke-width="${line.toFixed(2)}"/>`
  );
}

function drawLabel({ text, cap }: Label, place: Box): string {
  return (
    `<rect x="${place.x.toFixed(2)}" y="${place.y.toFixed(2)}" width="${place.width.toFixed(2)}" ` +
    `height="${place.height.toFixed(2)}" rx="${(cap * CORNER).toFixed(2)}" ` +
    `fill="${PLATE_COLOUR}" fill-opacity="${PLATE_OPACITY}"/>` +
    letteringSvg(text, place.x + cap * PADDING_X, place.y + cap * PADDING_Y, cap, TEXT_COLOUR)
  );
}
