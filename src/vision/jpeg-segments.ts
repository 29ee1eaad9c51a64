/** The segments of a JPEG file. ITU-T T.81, annex B. */

export const MARKER = 0xff;
export const [SOI, EOI, SOS] = [0xd8, 0xd9, 0xda];

/** Whether a segment is a frame header of any kind; C4, C8 and CC are other segments. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

export interface Segment {
  readonly marker: number;
  /** From the marker's first byte to the end of the segment. */
  readonly from: number;
  readonly to: number;
  /** The bytes after its length; fewer if the file ends before. */
  readonly data: Uint8Array;
}

/** The segments from a place on, up to the header of a scan or the end marker, which are included. */
export function* segments(bytes: Uint8Array, at = 2): Generator<Segment, void, undefined> {
  while (at + 4 <= bytes.length && bytes[at] === MARKER) {
    const marker = bytes[at + 1]!;
    // A marker may be preceded by fill bytes of 0xFF.
    if (marker === MARKER) {
      at++;
      continue;
    }
    const to = at + 2 + uint16(bytes, at + 2);
    yield { marker, from: at, to, data: bytes.subarray(at + 4, to) };
    if (marker === EOI || marker === SOS) return;
    at = to;
  }
}

/** More than any program writes, and quick to read. */
const MOST_SEGMENTS = 10_000;

/** Whether a file has so many segments before its first scan that only reading them takes seconds. */
export function hasTooManySegments(bytes: Uint8Array): boolean {
  let count = 0;
  for (const _ of segments(bytes)) if (++count > MOST_SEGMENTS) return true;
  return false;
}

export interface FrameSize {
  readonly width: number;
  readonly height: number;
  /** The number of colours, 4 for CMYK. */
  readonly components: number;
}

/** What a frame header states; undefined if it is cut off. */
export const frameSize = (data: Uint8Array): FrameSize | undefined =>
  data.length < 6 ? undefined : { height: uint16(data, 1), width: uint16(data, 3), components: data[5]! };

export const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
