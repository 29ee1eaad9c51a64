/**
 * Repairs JPEG files before decoding, without touching pixel data: a missing end marker, cyclic EXIF data, and versions
 * that decoders do not know.
 *
 * ITU-T T.81, annex B (markers); Adobe, Supporting the DCT Filters in PostScript Level 2, section 18 (APP14); CIPA
 * DC-008, Exif (APP1, a TIFF structure).
 */

import { withoutCircle } from './exif.js';
import { EOI, frameSize, isFrame, MARKER, type Segment, SOI, SOS, segments } from './jpeg-segments.js';

const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;

/** The repaired file; the same bytes if nothing is wrong. The decoder checks whether its data are complete. */
export function repairJpeg(given: Uint8Array): Uint8Array {
  const header = headerSegments(given);
  const bytes = withKnownVersions(given, header, componentsOf(header));
  const endless = header
    .map((segment) => ({ segment, plain: plainExif(bytes, segment) }))
    .find(({ plain }) => plain !== undefined);
  const ended = bytes.at(-2) === MARKER && bytes.at(-1) === EOI;
  if (endless === undefined && ended) return bytes;
  return joined([
    bytes.subarray(0, 2),
    ...(endless === undefined
      ? [bytes.subarray(2)]
      : [bytes.subarray(2, endless.segment.from), endless.plain!, bytes.subarray(endless.segment.to)]),
    ...(ended ? [] : [Uint8Array.of(MARKER, EOI)]),
  ]);
}

/** Whether a file has four inks without Adobe's marker, which says how they are stored. */
export function hasUnmarkedInks(bytes: Uint8Array): boolean {
  const header = headerSegments(bytes);
  return componentsOf(header) === 4 && !header.some(({ marker }) => marker === APP14);
}

function componentsOf(header: readonly Segment[]): number {
  const frame = header.find(({ marker }) => isFrame(marker));
  return (frame && frameSize(frame.data)?.components) ?? 0;
}

/**
 * With a version of JFIF and a colour transform that decoders know, the ones that they assume: only the first of a decoder's
 * warnings can be read, and a harmless one in the header would hide that of damaged data.
 */
function withKnownVersions(bytes: Uint8Array, header: readonly Segment[], components: number): Uint8Array {
  const changes: [at: number, value: number][] = [];
  const known = (at: number, values: readonly number[], assumed: number) => {
    if (!values.includes(bytes[at]!)) changes.push([at, assumed]);
  };
  for (const { marker, from } of header) {
    const data = from + HEADER;
    if (marker === APP0 && startsWith(bytes, data, 'JFIF\0')) known(data + 5, [1], 1);
    if (marker !== APP14 || !startsWith(bytes, data, 'Adobe')) continue;
    if (components === 3) known(data + 11, [0, 1], 1);
    if (components === 4) known(data + 11, [0, 2], 2);
  }
  if (changes.length === 0) return bytes;
  const changed = Uint8Array.from(bytes);
  for (const [at, value] of changes) changed[at] = value;
  return changed;
}

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));

/** Enough line feeds to judge by: in a scan, all of so many bytes of 10 are preceded by 13 by chance in one of 10^19 files. */
const FEEDS = 8;
const [LINE_FEED, RETURN] = [10, 13];

/**
 * Whether a program took the file for text and put a carriage return before each line feed. Most such files cannot be
 * decoded; some decode to other pixels without a warning.
 */
export function isMangledText(bytes: Uint8Array): boolean {
  const from = headerSegments(bytes).at(-1)?.to ?? 0;
  const end = bytes.lastIndexOf(EOI);
  let feeds = 0;
  for (
    let at = bytes.indexOf(LINE_FEED, from + 1);
    at >= 0 && at < end;
    at = bytes.indexOf(LINE_FEED, at + 1)
  ) {
    if (bytes[at - 1] !== RETURN) return false;
    feeds++;
  }
  return feeds >= FEEDS;
}

/** The whole segments before the first scan. */
function headerSegments(bytes: Uint8Array): Segment[] {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return [];
  return [...segments(bytes)].filter(({ marker, to }) => marker !== SOS && to <= bytes.length);
}

const HEADER = 4;
const EXIF = [...'Exif\0\0'].map((letter) => letter.charCodeAt(0));

/** An APP1 segment of EXIF data. */
function exifSegment(tiff: Uint8Array): Uint8Array {
  const length = 2 + EXIF.length + tiff.byteLength;
  return joined([Uint8Array.of(MARKER, APP1, length >> 8, length & 255, ...EXIF), tiff]);
}

/** What is to stand for a segment of EXIF data that lead in a circle; undefined for others. */
function plainExif(bytes: Uint8Array, { marker, from, to }: Segment): Uint8Array | undefined {
  if (marker !== APP1 || !startsWith(bytes, from + HEADER, 'Exif\0\0')) return undefined;
  const plain = withoutCircle(bytes.subarray(from + HEADER, to));
  return plain && exifSegment(plain);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
