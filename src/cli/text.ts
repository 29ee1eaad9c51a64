/** Text on a terminal: making it safe to print, and its width. */
import stringWidth from 'string-width';
import { maskAddressesIn } from '../errors/index.js';

/**
 * Control characters, which could move the cursor, and marks that make text run the other way or end a line (Unicode
 * Standard Annex 9, table of directional formatting characters).
 */
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text as one line: characters that could change how the rest is shown are escaped. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, (c) => {
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** A message as one line, without the secrets of addresses in it. */
export const messageLine = (text: string): string => oneLine(maskAddressesIn(text));

/** Line ends, and the styles that `paint` writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OURS = /(\n|\x1b\[(?:1|2|22)m)/;

/** Our own lines, with only their line ends and styles unescaped. */
export const safeLines = (text: string): string =>
  text
    .split(OURS)
    .map((part, i) => (i % 2 === 1 ? part : oneLine(part)))
    .join('');

/**
 * A value as a line of JSON with the same characters escaped; JSON itself requires that only for the first 32.
 */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value).replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;

/** The width of `text` on a terminal in columns, without styles. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Lines of at most `width` columns; longer words get a line of their own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const ELLIPSIS = '…';

/** A path in at most `width` columns: folders are dropped first, from the left, then the middle of the name. */
export function shortenPath(path: string, width: number): string {
  if (widthOf(path) <= width) return path;
  const parts = path.split(/(?=[/\\])/);
  while (parts.length > 1) {
    parts.shift();
    const shorter = ELLIPSIS + parts.join('');
    if (widthOf(shorter) <= width) return shorter;
  }
  const name = [...parts[0]!.replace(/^[/\\]/, '')];
  const room = Math.max(0, width - widthOf(ELLIPSIS));
  const start = takeWhileFits(name, Math.floor(room / 2));
  const end = takeWhileFits(name.toReversed(), room - widthOf(start));
  return start + ELLIPSIS + [...end].reverse().join('');
}

function takeWhileFits(characters: readonly string[], width: number): string {
  let taken = '';
  for (const character of characters) {
    if (widthOf(taken + character) > width) break;
    taken += character;
  }
  return taken;
}

/** A stream's abilities: whether it has colours, and its width (undefined if it is not a terminal). */
export interface Look {
  readonly colours: boolean;
  readonly columns: number | undefined;
}

export function lookOf(stream: NodeJS.WriteStream): Look {
  // `hasColors` respects NO_COLOR (https://no-color.org), FORCE_COLOR and a dumb terminal.
  if (!stream.isTTY) return { colours: false, columns: undefined };
  // A terminal that does not know its width reports 0.
  return { colours: stream.hasColors(), columns: stream.columns || undefined };
}

/** How text looks on a stream. */
export interface Paint {
  /** Its width; undefined if it has none. */
  readonly columns: number | undefined;
  bold(text: string): string;
  dim(text: string): string;
}

export function paint({ colours, columns }: Look): Paint {
  const style = (on: number, off: number) => (text: string) =>
    colours && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return { columns, bold: style(1, 22), dim: style(2, 22) };
}
