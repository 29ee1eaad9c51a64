/**
 * A small stroke font, so that labels look the same on every machine: SVG text needs a system font, and servers and
 * containers often have none and draw nothing.
 *
 * Glyphs are paths of one stroke with round ends: capitals reach from 0 (top) to 20 (baseline), lower-case letters
 * start at 7, descenders reach 26.
 */

/** Cap height, in glyph units. */
export const CAP_HEIGHT = 20;

const STROKE_WIDTH = 2.9;
const LETTER_SPACE = 5.4;
const WORD_SPACE = 9;

const BOWL = 'M12 13.5A6 6.5 0 1 0 0 13.5A6 6.5 0 1 0 12 13.5Z';
const ROUND = 'M7 0C2.8 0 0 4 0 10S2.8 20 7 20S14 16 14 10S11.2 0 7 0Z';

/** Width and path. */
type Glyph = readonly [width: number, path: string];

const GLYPHS: Readonly<Record<string, Glyph>> = {
  '0': [12, 'M6 0C2.5 0 0 3 0 10S2.5 20 6 20S12 17 12 10S9.5 0 6 0Z'],
  '1': [6, 'M0 4.5L6 0V20'],
  '2': [12, 'M.5 5.8C.5 2.2 2.9 0 6 0S11.5 2.2 11.5 5.4C11.5 9 8 12 .3 20H12'],
  '3': [12, 'M1 0H11L5.2 8.2C9.3 7.8 12 10.3 12 14S9.5 20 6 20S.6 18.5 0 15.6'],
  '4': [12.5, 'M9 20V0L0 14.2H12.5'],
  '5': [12, 'M11 0H2L1 9.2C2.4 7.9 4 7.3 6 7.3C9.5 7.3 12 9.9 12 13.6S9.5 20 6 20C3 20 .8 18.5 0 16'],
  '6': [12, 'M8.2 0L.9 11M6 20A6 6.1 0 1 0 6 7.8A6 6.1 0 0 0 6 20Z'],
  '7': [11.5, 'M0 0H11.5L4 20'],
  '8': [12, 'M6 9.2A4.9 4.6 0 1 0 6 0A4.9 4.6 0 0 0 6 9.2ZM6 20A6 5.4 0 1 0 6 9.2A6 5.4 0 0 0 6 20Z'],
  '9': [12, 'M3.8 20L11.1 9M6 12.2A6 6.1 0 1 0 6 0A6 6.1 0 0 0 6 12.2Z'],
  a: [12, `${BOWL}M12 7V20`],
  b: [12, `${BOWL}M0 0V20`],
  c: [11, 'M11 9.5C9.8 7.8 8.2 7 6.2 7C2.6 7 0 9.8 0 13.5S2.6 20 6.2 20C8.2 20 9.8 19.2 11 17.5'],
  d: [12, `${BOWL}M12 0V20`],
  e: [12, 'M.2 13H12C12 9.5 9.6 7 6 7S0 9.9 0 13.5S2.6 20 6.3 20C8.3 20 10 19.2 11.3 17.6'],
  f: [7.5, 'M8 .3C5-.4 3 1 3 4V20M0 8H7.5'],
  g: [12, `${BOWL}M12 7V21C12 24.5 9.5 26 6.2 26C4 26 2 25.2 .8 23.8`],
  h: [10.5, 'M0 0V20M0 13C0 9.2 2.3 7 5.5 7S10.5 9 10.5 12.5V20'],
  i: [0, 'M0 7V20M0 1.4V1.5'],
  j: [3, 'M3 7V22C3 24.5 2 26-.5 26M3 1.4V1.5'],
  k: [10.5, 'M0 0V20M10 7L0 15.5M4 12.5L10.5 20'],
  l: [2.8, 'M0 0V17C0 19 1 20 2.8 20'],
  m: [17, 'M0 7V20M0 12C0 9 1.8 7 4.5 7S8.5 9 8.5 12V20M8.5 12C8.5 9 10.3 7 13 7S17 9 17 12V20'],
  n: [10.5, 'M0 7V20M0 13C0 9.2 2.3 7 5.5 7S10.5 9 10.5 12.5V20'],
  o: [12, BOWL],
  p: [12, `${BOWL}M0 7V26`],
  q: [12, `${BOWL}M12 7V26`],
  r: [6.5, 'M0 7V20M0 12.5C0 9 2 7 5 7C5.6 7 6.1 7.1 6.5 7.2'],
  s: [
    10,
    'M9.6 9.6C8.8 7.9 7.1 7 5 7C2.3 7 .5 8.3 .5 10.3C.5 12.4 2.2 13 5 13.4C8 13.9 10 14.5 10 16.7S8 20 5 20C2.6 20 .8 19.1 0 17.2',
  ],
  t: [8, 'M3 2.5V16C3 18.8 4.4 20 6.5 20C7.1 20 7.6 19.9 8 19.7M0 7.5H8'],
  u: [10.5, 'M0 7V14.5C0 18 2 20 5 20S10.5 17.8 10.5 14M10.5 7V20'],
  v: [11, 'M0 7L5.5 20L11 7'],
  w: [17, 'M0 7L4.2 20L8.5 7L12.8 20L17 7'],
  x: [10, 'M0 7L10 20M10 7L0 20'],
  y: [11, 'M0 7L5.6 19.7M11 7L5 21.5C3.9 24.3 2.8 26 .3 26'],
  z: [10, 'M0 7H10L0 20H10'],
  A: [14, 'M0 20L7 0L14 20M2.4 13H11.6'],
  B: [12, 'M0 0V20H6.5C10 20 12 17.8 12 14.7S10 9.5 6.5 9.5H0M6 9.5C9.3 9.5 11 7.4 11 4.8S9.3 0 6 0H0'],
  C: [13, 'M13 4C11.5 1.4 9.5 0 7 0C2.8 0 0 4 0 10S2.8 20 7 20C9.5 20 11.5 18.6 13 16'],
  D: [13, 'M0 0V20H5.5C10.5 20 13 16 13 10S10.5 0 5.5 0Z'],
  E: [11, 'M11 0H0V20H11M0 9.8H9.5'],
  F: [11, 'M11 0H0V20M0 9.8H9.5'],
  G: [13.3, 'M13 4C11.5 1.4 9.5 0 7 0C2.8 0 0 4 0 10S2.8 20 7 20C11 20 13.3 17 13.3 11H7.5'],
  H: [12.5, 'M0 0V20M12.5 0V20M0 9.8H12.5'],
  I: [0, 'M0 0V20'],
  J: [8, 'M8 0V14C8 18 6.3 20 3.6 20C1.8 20 .6 19.2 0 18'],
  K: [12, 'M0 0V20M11.5 0L0 12M4.5 7.6L12 20'],
  L: [10, 'M0 0V20H10'],
  M: [16, 'M0 20V0L8 13L16 0V20'],
  N: [12.5, 'M0 20V0L12.5 20V0'],
  O: [14, ROUND],
  P: [12, 'M0 20V0H6.5C10 0 12 2.2 12 5.7S10 11.4 6.5 11.4H0'],
  Q: [14, `${ROUND}M9 15L14 21`],
  R: [12, 'M0 20V0H6.5C10 0 12 2.2 12 5.7S10 11.4 6.5 11.4H0M6.5 11.4L12 20'],
  S: [
    11.6,
    'M11 3.6C10 1.3 8.2 0 5.8 0C2.7 0 .6 2 .6 4.9C.6 8.2 3.2 9 6 9.8C9.2 10.6 11.6 11.6 11.6 15S9.2 20 6 20C3 20 .8 18.5 0 16',
  ],
  T: [13, 'M0 0H13M6.5 0V20'],
  U: [12.5, 'M0 0V13C0 17.5 2.3 20 6.2 20S12.5 17.5 12.5 13V0'],
  V: [14, 'M0 0L7 20L14 0'],
  W: [21, 'M0 0L5 20L10.5 3L16 20L21 0'],
  X: [12, 'M0 0L12 20M12 0L0 20'],
  Y: [13, 'M0 0L6.5 10.5L13 0M6.5 10.5V20'],
  Z: [12, 'M0 0H12L0 20H12'],
  '%': [17, 'M4 8A4 4 0 1 0 4 0A4 4 0 0 0 4 8ZM13 20A4 4 0 1 0 13 12A4 4 0 0 0 13 20ZM14 0L3 20'],
  '±': [12, 'M0 8H12M6 2V14M0 19.5H12'],
  '+': [12, 'M0 10.5H12M6 4.5V16.5'],
  '-': [7, 'M0 12H7'],
  '–': [11, 'M0 12H11'],
  '=': [12, 'M0 8H12M0 14H12'],
  '≥': [11, 'M0 2L11 7.5L0 13M0 19H11'],
  '≤': [11, 'M11 2L0 7.5L11 13M0 19H11'],
  '>': [11, 'M0 4L11 10L0 16'],
  '<': [11, 'M11 4L0 10L11 16'],
  '~': [12, 'M0 12C1 9.5 2.3 8.6 4 9.2L8 10.8C9.7 11.4 11 10.5 12 8'],
  '♀': [12, 'M6 11.8A5.9 5.9 0 1 0 6 0A5.9 5.9 0 0 0 6 11.8ZM6 11.8V21M1.8 16.6H10.2'],
  '♂': [16, 'M6 20A5.9 5.9 0 1 0 6 8.2A5.9 5.9 0 0 0 6 20ZM10.2 10L16 3M10 2.4H16V8.6'],
  '.': [0, 'M0 19.9V20'],
  ',': [1, 'M1 19.5V20L0 23.5'],
  ':': [0, 'M0 9.9V10M0 19.9V20'],
  ';': [1, 'M1 9.9V10M1 19.5V20L0 23.5'],
  '!': [0, 'M0 0V13M0 19.9V20'],
  '?': [11, 'M0 5C0 2 2.4 0 5.5 0S11 2 11 5C11 9 5.5 9.3 5.5 14M5.5 19.9V20'],
  "'": [0, 'M0 0V4'],
  '/': [8, 'M8-1L0 22'],
  '(': [4, 'M4-2C1 2.5 0 6 0 10S1 17.5 4 22'],
  ')': [4, 'M0-2C3 2.5 4 6 4 10S3 17.5 0 22'],
  _: [12, 'M0 22H12'],
  '#': [13, 'M5 0L2 20M11 0L8 20M.5 6.5H13M0 13.5H12.5'],
};

const UNKNOWN: Glyph = [10, 'M0 0H10V20H0Z'];

/** A line of text as paths, in glyph units. */
export interface Lettering {
  /** From the first letter's left edge to the last one's right edge, without stroke width. */
  readonly width: number;
  /** SVG elements; the enclosing group sets their stroke colour. */
  readonly paths: string;
}

/**
 * Sets a line of text: Latin letters, digits, signs (± – ≥ % ♀ ♂) and common punctuation. Accents are dropped, and
 * other characters are drawn as a box.
 */
export function letter(text: string): Lettering {
  let x = 0;
  let end = 0;
  const paths: string[] = [];
  for (const character of text
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')) {
    if (/\s/.test(character)) {
      x += WORD_SPACE;
      continue;
    }
    const [width, path] = GLYPHS[character] ?? UNKNOWN;
    paths.push(`<path transform="translate(${Number(x.toFixed(2))})" d="${path}"/>`);
    end = x + width;
    x = end + LETTER_SPACE;
  }
  return { width: end, paths: paths.join('') };
}

/** The text as an SVG group: its capitals are `capHeight` pixels high, with their top left corner at (x, y). */
export function letteringSvg(
  text: Lettering,
  x: number,
  y: number,
  capHeight: number,
  colour: string,
): string {
  const scale = capHeight / CAP_HEIGHT;
  return (
    `<g transform="translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(4)})" fill="none" stroke="${colour}" ` +
    `stroke-width="${STROKE_WIDTH}" stroke-linecap="round" stroke-linejoin="round">${text.paths}</g>`
  );
}
