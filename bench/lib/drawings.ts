/**
 * Drawings without any face, in which a detector of faces is likely to see some: lights out of focus, discs, leaves, boxes,
 * patterns, and the things of other files beside this one. Each is drawn from its kind, seed and sizes alone.
 */
import sharp, { type Sharp } from 'sharp';
import type { PixelImage } from '../../src/vision/index.js';
import { BUILDINGS } from './buildings.js';
import { ORNAMENTS } from './ornaments.js';
import { anyColour, circle, hsl, makePen, type Pen, placed, repeat, SHADES, soft } from './pen.js';
import { seededRandom } from './random.js';
import { SCENES } from './scenes.js';
import { THINGS } from './things.js';

const SIZES = [
  [400, 400],
  [640, 480],
  [480, 640],
  [800, 600],
  [1280, 960],
] as const;
/** Scenes are drawn in very small and large pictures too. */
const SCENE_SIZES = [...SIZES, [100, 100], [160, 120], [2000, 1500]] as const;

/** Streams of different kinds must not run in parallel: two kinds of one seed would share sizes and places. */
const KIND_STEP = 1_000_003;

/** The elements of an SVG picture that lie on the ground. */
type Draw = (pen: Pen) => string;

const DRAWINGS = { lights, discs, leaves, boxes, gradients, dots, textures } satisfies Record<string, Draw>;

const SCATTERED = { ...THINGS, ...BUILDINGS, ...ORNAMENTS };

export type DrawingKind = keyof typeof DRAWINGS | keyof typeof SCATTERED | keyof typeof SCENES;

/** A kind's place here is part of its seeds: new ones come last. */
export const DRAWING_KINDS = [DRAWINGS, SCATTERED, SCENES].flatMap((kinds) =>
  Object.keys(kinds),
) as readonly DrawingKind[];

const drawOf = (kind: DrawingKind): Draw =>
  kind in SCATTERED
    ? scattered(SCATTERED[kind as keyof typeof SCATTERED])
    : { ...DRAWINGS, ...SCENES }[kind as keyof typeof DRAWINGS | keyof typeof SCENES];

/** A drawing of one kind and one of some sizes, the same for the same seed. */
export async function drawing(
  kind: DrawingKind,
  seed: number,
  sizes: readonly (readonly [number, number])[] = kind in SCENES ? SCENE_SIZES : SIZES,
): Promise<PixelImage> {
  const random = seededRandom(seed + KIND_STEP * (1 + DRAWING_KINDS.indexOf(kind)));
  const [width, height] = sizes[Math.floor(random() * sizes.length)]!;
  const pen = makePen(width, height, random);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${SHADES}${ground(pen)}${drawOf(kind)(pen)}</svg>`;
  const drawn = await toPixels(sharp(Buffer.from(svg)));
  return pen.chance(0.5) ? photographed(drawn, pen, random) : drawn;
}

/** The drawing with what a camera adds: grain, and the traces of compression. */
function photographed(
  { width, height, data }: PixelImage,
  pen: Pen,
  random: () => number,
): Promise<PixelImage> {
  const strength = pen.between(4, 30);
  const grainy = new Uint8ClampedArray(data);
  for (let at = 0; at < grainy.length; at += 3) {
    const grain = strength * (random() + random() - 1);
    for (let channel = 0; channel < 3; channel++) grainy[at + channel]! += grain;
  }
  const quality = Math.round(pen.between(50, 95));
  return sharp(grainy, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
    .then((bytes) => toPixels(sharp(bytes)));
}

async function toPixels(picture: Sharp): Promise<PixelImage> {
  const { data, info } = await picture
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** A plain colour or a gradient of two, dark, middling or bright; now and then a cloth. */
function ground(pen: Pen): string {
  const hue = pen.between(0, 360);
  const level = pen.pick([8, 25, 50, 80]);
  const colour = () =>
    hsl(hue + pen.between(-40, 40), pen.between(5, 60), Math.max(2, level + pen.between(-10, 15)));
  return `<defs><linearGradient id="ground" gradientTransform="rotate(${pen.between(0, 90).toFixed(0)})">
<stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient></defs>
<rect width="100%" height="100%" fill="url(#ground)"/>${pen.chance(0.25) ? cloth(pen, colour()) : ''}`;
}

/** Stripes, checks or dots all over the picture. */
function cloth(pen: Pen, colour: string): string {
  const step = Math.min(pen.width, pen.height) * pen.between(0.01, 0.1);
  const half = (step * pen.between(0.2, 0.6)).toFixed(2);
  const mark = pen.pick([
    `<rect width="${half}" height="100%"/>`,
    `<rect width="${half}" height="100%"/><rect width="100%" height="${half}"/>`,
    `<rect width="${half}" height="${half}"/>`,
    circle(step / 2, step / 2, step * pen.between(0.1, 0.4), colour),
  ]);
  return `<defs><pattern id="cloth" width="${step.toFixed(2)}" height="${step.toFixed(2)}" patternUnits="userSpaceOnUse" patternTransform="rotate(${pen.pick([0, 0, 45, pen.between(0, 90)]).toFixed(0)})"><g fill="${colour}" fill-opacity="${pen.between(0.2, 0.8).toFixed(2)}">${mark}</g></pattern></defs>
<rect width="100%" height="100%" fill="url(#cloth)"/>`;
}

/** A thing once or many times, in rows or anywhere, most of them upright. */
function scattered(thing: (pen: Pen) => string): Draw {
  return (pen) => {
    const side = Math.min(pen.width, pen.height);
    const r = side * pen.pick([pen.between(0.03, 0.12), pen.between(0.08, 0.4)]);
    const leaning = pen.pick([0, 0, 5, 180]);
    const columns = Math.floor(pen.width / (2.6 * r));
    const inRows = pen.chance(0.4);
    const [left, top] = [(pen.width - columns * 2.6 * r) / 2, pen.between(0, r)];
    const count = Math.min(60, columns * Math.floor(pen.height / (2.6 * r)));
    const all = repeat(inRows ? count : Math.max(1, count * pen.between(0.1, 0.8)), (i) => {
      const x = inRows ? left + ((i % columns) + 0.5) * 2.6 * r : pen.between(0, pen.width);
      const y = inRows ? top + (Math.floor(i / columns) + 0.5) * 2.6 * r : pen.between(0, pen.height);
      return placed(x, y, pen.between(-leaning, leaning), inRows ? r : r * pen.between(0.7, 1.2), thing(pen));
    });
    return pen.chance(0.25) ? soft('things', r * pen.between(0.02, 0.2), all) : all;
  };
}

/** A pattern of dots in rows or in diagonals. */
function dots(pen: Pen): string {
  const step = Math.min(pen.width, pen.height) * pen.between(0.04, 0.25);
  const r = step * pen.between(0.12, 0.45);
  const [odd, even] = [anyColour(pen), pen.chance(0.7) ? undefined : anyColour(pen)];
  const shift = pen.chance(0.5) ? 0.5 : 0;
  const columns = Math.ceil(pen.width / step) + 1;
  return repeat(columns * (Math.ceil(pen.height / step) + 1), (i) => {
    const row = Math.floor(i / columns);
    return circle(
      ((i % columns) + (row % 2) * shift) * step,
      row * step,
      r,
      i % 2 === 0 ? odd : (even ?? odd),
    );
  });
}

/** Clouds, stone, wood: noise of some scale along and across. */
function textures(pen: Pen): string {
  const scale = pen.between(0.004, 0.05);
  const along = pen.chance(0.5) ? 1 : pen.between(2, 12);
  const colour = Array.from(
    { length: 3 },
    () =>
      `${pen.between(0, 0.8).toFixed(2)} ${pen.between(0, 0.8).toFixed(2)} 0 0 ${pen.between(-0.1, 0.4).toFixed(2)}`,
  );
  return `<filter id="noise" x="0" y="0" width="100%" height="100%"><feTurbulence type="${pen.pick(['fractalNoise', 'turbulence'])}" baseFrequency="${scale.toFixed(4)} ${(scale * along).toFixed(4)}" numOctaves="${Math.floor(pen.between(2, 6))}" seed="${Math.floor(pen.between(0, 1e6))}"/><feColorMatrix values="${colour.join(' ')} 0 0 0 0 1"/></filter>
<rect width="100%" height="100%" filter="url(#noise)"/>`;
}

/** Lights out of focus, in a few layers, each with its sharpness; some with the bright rim that a lens gives them. */
function lights(pen: Pen): string {
  const side = Math.min(pen.width, pen.height);
  const largest = pen.between(0.03, 0.16) * side;
  // Most lamps and candles are warm, and so is skin.
  const hue = pen.chance(0.5) ? pen.between(10, 50) : pen.between(0, 360);
  const spread = pen.pick([15, 40, 180]);
  const squash = pen.chance(0.3) ? pen.between(0.6, 1) : 1;
  const layer = (index: number) => {
    const rim = pen.chance(0.3);
    const discs = repeat(pen.between(8, 90), () => {
      const r = largest * pen.between(0.35, 1);
      const colour = hsl(hue + pen.between(-spread, spread), pen.between(20, 100), pen.between(40, 95));
      return `<ellipse cx="${pen.between(0, pen.width).toFixed(1)}" cy="${pen.between(0, pen.height).toFixed(1)}" rx="${(r * squash).toFixed(1)}" ry="${r.toFixed(1)}" fill="${colour}" fill-opacity="${pen.between(0.15, 0.95).toFixed(2)}"${rim ? ` stroke="${colour}" stroke-width="${(r * 0.08).toFixed(1)}"` : ''}/>`;
    });
    return soft(`layer${index}`, largest * pen.between(0.01, 0.35), discs);
  };
  return Array.from({ length: Math.floor(pen.between(1, 4)) }, (_, index) => layer(index)).join('');
}

/** Discs with sharp edges: balls, coins, buttons. */
function discs(pen: Pen): string {
  const side = Math.min(pen.width, pen.height);
  return repeat(pen.between(3, 40), () => {
    const r = side * pen.between(0.01, 0.18);
    const [x, y] = [pen.between(0, pen.width), pen.between(0, pen.height)];
    const hue = pen.between(0, 360);
    const disc = `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${hsl(hue, pen.between(10, 95), pen.between(10, 95))}"/>`;
    // A highlight, a hole or an inner ring.
    const inner = `<circle cx="${(x + r * pen.between(-0.4, 0.4)).toFixed(1)}" cy="${(y + r * pen.between(-0.4, 0.4)).toFixed(1)}" r="${(r * pen.between(0.1, 0.7)).toFixed(1)}" fill="${hsl(hue, pen.between(10, 95), pen.between(5, 98))}"/>`;
    return pen.chance(0.5) ? disc + inner : disc;
  });
}

/** Leaves with a vein, sharp or out of focus. */
function leaves(pen: Pen): string {
  const side = Math.min(pen.width, pen.height);
  const hue = pen.pick([35, 60, 100, 130, 15]);
  const all = repeat(pen.between(10, 80), () => {
    const length = side * pen.between(0.05, 0.35);
    const half = (length * pen.between(0.2, 0.45)).toFixed(1);
    const [x, y] = [pen.between(0, pen.width).toFixed(1), pen.between(0, pen.height).toFixed(1)];
    const colour = hsl(hue + pen.between(-20, 20), pen.between(20, 80), pen.between(10, 65));
    const vein = hsl(hue, pen.between(10, 60), pen.between(10, 80));
    const l = length.toFixed(1);
    const h = (length / 2).toFixed(1);
    return `<g transform="translate(${x} ${y}) rotate(${pen.between(0, 360).toFixed(0)})"><path d="M0 0 Q${h} -${half} ${l} 0 Q${h} ${half} 0 0Z" fill="${colour}"/><path d="M0 0 L${l} 0" stroke="${vein}" stroke-width="${(length * 0.02).toFixed(1)}"/></g>`;
  });
  return pen.chance(0.5) ? soft('leaves', side * pen.between(0.002, 0.02), all) : all;
}

/** Boxes and windows, upright or thrown about. */
function boxes(pen: Pen): string {
  const side = Math.min(pen.width, pen.height);
  const thrown = pen.chance(0.5);
  const all = repeat(pen.between(5, 50), () => {
    const [w, h] = [side * pen.between(0.04, 0.35), side * pen.between(0.04, 0.35)];
    const turn = thrown ? pen.between(0, 360) : 0;
    const place = `translate(${pen.between(0, pen.width).toFixed(1)} ${pen.between(0, pen.height).toFixed(1)}) rotate(${turn.toFixed(0)})`;
    const hue = pen.between(0, 360);
    const box = `<rect width="${w.toFixed(1)}" height="${h.toFixed(1)}" fill="${hsl(hue, pen.between(5, 90), pen.between(5, 95))}"/>`;
    const pane = `<rect x="${(w * 0.15).toFixed(1)}" y="${(h * 0.15).toFixed(1)}" width="${(w * pen.between(0.2, 0.7)).toFixed(1)}" height="${(h * pen.between(0.1, 0.7)).toFixed(1)}" fill="${hsl(hue, pen.between(5, 90), pen.between(5, 95))}"/>`;
    return `<g transform="${place}">${box}${pen.chance(0.5) ? pane : ''}</g>`;
  });
  return pen.chance(0.3) ? soft('boxes', side * pen.between(0.002, 0.015), all) : all;
}

/** Spots that fade into the ground. */
function gradients(pen: Pen): string {
  const side = Math.min(pen.width, pen.height);
  let index = 0;
  return repeat(pen.between(2, 14), () => {
    const id = `spot${index++}`;
    const colour = hsl(pen.between(0, 360), pen.between(10, 90), pen.between(5, 95));
    const [rx, ry] = [side * pen.between(0.05, 0.5), side * pen.between(0.05, 0.5)];
    return `<defs><radialGradient id="${id}"><stop offset="0" stop-color="${colour}" stop-opacity="${pen.between(0.3, 1).toFixed(2)}"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient></defs>
<ellipse cx="${pen.between(0, pen.width).toFixed(1)}" cy="${pen.between(0, pen.height).toFixed(1)}" rx="${rx.toFixed(1)}" ry="${ry.toFixed(1)}" fill="url(#${id})"/>`;
  });
}
