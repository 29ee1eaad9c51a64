/** What drawings are made with: random numbers, and elements of SVG. */

/** Numbers that a seed decides, and the size of the picture in pixels. */
export interface Pen {
  readonly width: number;
  readonly height: number;
  /** From `low` to `high`. */
  between(low: number, high: number): number;
  /** True with a probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** Draws a thing about the origin, some two units across. */
export type Thing = (pen: Pen) => string;

export function makePen(width: number, height: number, random: () => number): Pen {
  return {
    width,
    height,
    between: (low, high) => low + random() * (high - low),
    chance: (probability) => random() < probability,
    pick: (items) => items[Math.floor(random() * items.length)]!,
  };
}

export const hsl = (hue: number, saturation: number, lightness: number) =>
  `hsl(${hue.toFixed(0)},${saturation.toFixed(0)}%,${lightness.toFixed(0)}%)`;

/** Any colour, from grey to bright. */
export const anyColour = (pen: Pen) => hsl(pen.between(0, 360), pen.between(0, 95), pen.between(4, 96));

/** Two colours of some contrast, the ground and what is on it; dark spots on a light or warm ground are seen as eyes. */
export function colours(pen: Pen): [string, string] {
  const hue = pen.chance(0.5) ? pen.between(10, 50) : pen.between(0, 360);
  const dark = hsl(hue + pen.between(-180, 180), pen.between(5, 60), pen.between(3, 35));
  const light = hsl(hue, pen.between(5, 80), pen.between(45, 92));
  return pen.chance(0.2) ? [dark, light] : [light, dark];
}

export const dark = (pen: Pen) => hsl(pen.between(0, 360), pen.between(0, 40), pen.between(2, 30));

const n = (value: number) => value.toFixed(3);

export const circle = (x: number, y: number, r: number, fill: string, line = '') =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"${line}/>`;

export const ellipse = (x: number, y: number, rx: number, ry: number, fill: string) =>
  `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"/>`;

/** A rectangle by its centre. */
export const box = (x: number, y: number, width: number, height: number, fill: string, corner = 0) =>
  `<rect x="${n(x - width / 2)}" y="${n(y - height / 2)}" width="${n(width)}" height="${n(height)}" rx="${n(corner)}" fill="${fill}"/>`;

/** A polygon by the coordinates of its corners, x and y by turns. */
export const polygon = (corners: readonly number[], fill: string) =>
  `<polygon points="${corners.map(n).join(' ')}" fill="${fill}"/>`;

/** A path that is only drawn along. */
export const stroke = (path: string, width: number, colour: string) =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round"/>`;

/** `outline` as the attributes of an element that has a line around it. */
export const outline = (width: number, colour: string) => ` stroke="${colour}" stroke-width="${n(width)}"`;

/** Elements moved, turned by degrees and enlarged. */
export const placed = (x: number, y: number, turn: number, scale: number, elements: string) =>
  `<g transform="translate(${n(x)} ${n(y)}) rotate(${turn.toFixed(1)}) scale(${n(scale)})">${elements}</g>`;

/** Elements beside the middle line, on both sides. */
export const mirrored = (elements: string) => `${elements}<g transform="scale(-1 1)">${elements}</g>`;

/** `element` at `count` angles around the middle. */
export const around = (count: number, radius: number, element: (x: number, y: number) => string, start = 0) =>
  Array.from({ length: count }, (_, i) => {
    const angle = start + (2 * Math.PI * i) / count;
    return element(radius * Math.cos(angle), radius * Math.sin(angle));
  }).join('');

/** A fill over another that makes it round: light above, dark at the lower edge. `SHADES` defines it. */
export const SHADE = 'url(#shade)';
export const SHADES = `<defs><radialGradient id="shade" cx="0.4" cy="0.35" r="0.7"><stop offset="0" stop-color="#fff" stop-opacity="0.6"/>
<stop offset="0.5" stop-color="#888" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.55"/></radialGradient></defs>`;

/** Elements drawn softly, as what lies out of focus. */
export const soft = (id: string, deviation: number, elements: string) =>
  `<filter id="${id}" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="${deviation.toFixed(1)}"/></filter>
<g filter="url(#${id})">${elements}</g>`;

export const repeat = (count: number, element: (index: number) => string) =>
  Array.from({ length: Math.floor(count) }, (_, index) => element(index)).join('');
