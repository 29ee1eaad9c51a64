/**
 * Checks the data of a JPEG file's scans by their Huffman codes: the number of blocks, the length of each, and the range
 * of its coefficients. libvips misses damage near the end, and often decodes a hole of zeros to other pixels without a
 * warning. The check takes half as long as decoding, so only small and suspicious files get it.
 *
 * JPEG has no checksum: damage that makes other legal blocks, as some flipped bits do, cannot be recognized.
 *
 * ITU-T T.81, annexes A, B, C and F.
 */

import {
  EOI,
  frameSize,
  isFrame,
  MARKER,
  type Segment,
  SOI,
  SOS,
  segments,
  uint16,
} from './jpeg-segments.js';

const [DQT, DHT, DRI] = [0xdb, 0xc4, 0xdd];
/** Huffman-coded sequential frames, whose codes are read here. */
const SEQUENTIAL = [0xc0, 0xc1];
const RESTART = 0xd0;
/** The number of different restart markers, which follow each other in turn. */
const RESTARTS = 8;

/** The coefficients of a block. */
const BLOCK = 64;
/** The longest code in bits, and those that are looked up at once. */
const LONGEST = 16;
const SHORT = 8;
/** The most bits of a difference of DC coefficients, and of an AC coefficient (sections F.1.2.1 and F.1.2.2). */
const [MOST_DC_BITS, MOST_AC_BITS] = [11, 10];
/** The largest coefficient, dequantized, of a block of 8-bit samples, which are from -128 to 127 (section A.3.3). */
const LARGEST = 1024;
/** Encoders round to steps, and may choose the next one to save bits. */
const STEPS = 2;

/** Encoders pad the data to whole words or sectors; the rest of damaged data is longer, or differs. */
const MOST_PADDING = 64;

/** So many zeros are rare in a scan, and fill the place of a part that never arrived. */
const HOLE = Buffer.alloc(8);
/** Nearly all scans of more than `SMALL` bytes have both: all but one of 10^27 if their bytes are evenly distributed. */
const [LINE_FEED, RETURN] = [0x0a, 0x0d];

/** Bytes of a scan that are always checked, as of a cropped face: it takes a fraction of a millisecond. */
const SMALL = 2 ** 14;

/** Whether a JPEG file's scans are to be checked: small ones, and those that might be damaged without a warning. */
export function needsCheck(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = firstScan(bytes);
  if (start === undefined) return false;
  const end = file.indexOf(Buffer.of(MARKER, EOI), start);
  if (end < 0 || end - start <= SMALL) return true;
  const scan = file.subarray(start, end);
  // Programs that take a file for text drop, double or exchange these.
  return scan.includes(HOLE) || !scan.includes(LINE_FEED) || !scan.includes(RETURN);
}

/** Where the first scan's header begins. */
function firstScan(bytes: Uint8Array): number | undefined {
  for (const { marker, from } of segments(bytes)) if (marker === SOS) return from;
  return undefined;
}

interface Component {
  readonly id: number;
  /** Sampling factors. */
  readonly across: number;
  readonly down: number;
  /** The number of its quantization table. */
  readonly steps: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** The codes of a Huffman table (annex C). */
interface Codes {
  /** For each 8 bits, the length of the code that they begin with, times 256, and its symbol; 0 for a longer code. */
  readonly short: Uint16Array;
  /** For each length, the first code, the number of codes, and the place of the first one's symbol. */
  readonly first: Int32Array;
  readonly counts: Uint8Array;
  readonly places: Int32Array;
  readonly symbols: Uint8Array;
}

/** The tables defined so far, by their numbers; 16 is added to those of AC codes. */
interface Tables {
  readonly codes: Map<number, Codes>;
  /** Quantization steps in zigzag order. */
  readonly steps: Map<number, Uint16Array>;
}

/** Whether all blocks of all scans are there and legal; undefined for files without sequential Huffman codes. */
export function scansAreWhole(bytes: Uint8Array): boolean | undefined {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return undefined;
  const tables: Tables = { codes: new Map(), steps: new Map() };
  let frame: Frame | undefined;
  let interval = 0;
  const seen = new Set<number>();
  for (let at = 2; ; ) {
    let scan: Segment | undefined;
    for (const segment of segments(bytes, at)) {
      const { marker, data } = segment;
      if (marker === EOI) return frame !== undefined && seen.size === frame.components.length;
      if (isFrame(marker)) {
        if (!SEQUENTIAL.includes(marker) || data[0] !== 8) return undefined;
        frame = readFrame(data);
      } else if (marker === DHT) readCodes(data, tables.codes);
      else if (marker === DQT) readSteps(data, tables.steps);
      else if (marker === DRI) interval = uint16(data, 0);
      else if (marker === SOS) scan = segment;
    }
    if (scan === undefined || frame === undefined || frame.width * frame.height === 0) return undefined;
    const end = walk(bytes, scan, frame, tables, interval);
    if (end === undefined) return false;
    for (let i = 0; i < scan.data[0]!; i++) seen.add(scan.data[1 + 2 * i]!);
    at = end;
    if (bytes[at] === MARKER && bytes[at + 1] === EOI) return seen.size === frame.components.length;
  }
}

/** Undefined if the header is cut off. */
function readFrame(data: Uint8Array): Frame | undefined {
  const size = frameSize(data);
  return (
    size && {
      ...size,
      components: Array.from({ length: size.components }, (_, i) => {
        const at = 6 + 3 * i;
        return { id: data[at]!, across: data[at + 1]! >> 4, down: data[at + 1]! & 15, steps: data[at + 2]! };
      }),
    }
  );
}

/** Annex C: codes are assigned in the order of their lengths. */
function readCodes(data: Uint8Array, codes: Map<number, Codes>): void {
  for (let at = 0; at + 17 <= data.length; ) {
    const number = data[at]!;
    // By length, from 1.
    const counts = data.subarray(at, at + 17);
    const symbols = data.subarray(at + 17);
    const short = new Uint16Array(2 ** SHORT);
    const [first, places] = [new Int32Array(17), new Int32Array(17)];
    let [code, place] = [0, 0];
    for (let length = 1; length <= LONGEST; length++) {
      [first[length], places[length]] = [code, place];
      for (let n = 0; n < counts[length]!; n++, code++, place++) {
        if (length > SHORT) continue;
        const from = code << (SHORT - length);
        short.fill((length << 8) | symbols[place]!, from, from + 2 ** (SHORT - length));
      }
      code <<= 1;
    }
    codes.set(number, { short, first, counts, places, symbols });
    at += 17 + place;
  }
}

/** Section B.2.4.1: each table has 64 steps of one byte, or of two if the first half of its number is not 0. */
function readSteps(data: Uint8Array, steps: Map<number, Uint16Array>): void {
  for (let at = 0; at < data.length; ) {
    const wide = data[at]! > 15;
    const from = at + 1;
    steps.set(
      data[at]! & 15,
      Uint16Array.from({ length: BLOCK }, (_, k) => (wide ? uint16(data, from + 2 * k) : data[from + k]!)),
    );
    at = from + (wide ? 2 : 1) * BLOCK;
  }
}

/** A block of a unit. */
interface Block {
  readonly dc: Codes;
  readonly ac: Codes;
  readonly steps: Uint16Array;
  /** The number of its component in the scan. */
  readonly component: number;
}

/** The blocks of a unit of a scan (section A.2), and the number of units. */
function unitsOf({ data }: Segment, { width, height, components }: Frame, { codes, steps }: Tables) {
  const across = Math.max(...components.map((c) => c.across));
  const down = Math.max(...components.map((c) => c.down));
  const inScan = Array.from({ length: data[0]! }, (_, i) => ({
    component: components.find(({ id }) => id === data[1 + 2 * i]),
    tables: data[2 + 2 * i]!,
  }));
  const alone = inScan.length === 1;
  const blocks = inScan.flatMap(({ component, tables }, i) => {
    const block = {
      dc: codes.get(tables >> 4),
      ac: codes.get(16 + (tables & 15)),
      steps: component && steps.get(component.steps),
      component: i,
    };
    return new Array<typeof block>(
      component === undefined || alone ? 1 : component.across * component.down,
    ).fill(block);
  });
  const only = alone ? inScan[0]!.component : undefined;
  const columns = only ? Math.ceil((width * only.across) / across / 8) : Math.ceil(width / (8 * across));
  const rows = only ? Math.ceil((height * only.down) / down / 8) : Math.ceil(height / (8 * down));
  const known = blocks.every((block) => block.dc && block.ac && block.steps);
  return known ? { blocks: blocks as Block[], count: columns * rows } : undefined;
}

/** Reads a scan's codes (annex F.2). @returns the place of the marker behind it; undefined if it is not whole */
function walk(
  bytes: Uint8Array,
  scan: Segment,
  frame: Frame,
  tables: Tables,
  interval: number,
): number | undefined {
  const units = unitsOf(scan, frame, tables);
  if (units === undefined) return undefined;
  let at = scan.from + 4 + scan.data.length;
  /** Bits that have been read and not used, of which the last ones stand for missing data. */
  let [bits, count, missing] = [0, 0, 0];
  /** The last DC coefficient of each component of the scan. */
  const last = new Int32Array(scan.data[0]!);
  const fill = () => {
    while (count <= LONGEST) {
      let byte = at < bytes.length ? bytes[at]! : MARKER;
      if (byte !== MARKER) at++;
      else if (bytes[at + 1] === 0) at += 2;
      else {
        byte = 0;
        missing += 8;
      }
      bits = (bits << 8) | byte;
      count += 8;
    }
  };
  /** The symbol of the next code; -1 if there is none. */
  const symbol = ({ short, first, counts, places, symbols }: Codes): number => {
    if (count < LONGEST) fill();
    const next = (bits >>> (count - LONGEST)) & 0xffff;
    const found = short[next >> (LONGEST - SHORT)]!;
    if (found !== 0) {
      count -= found >> 8;
      return found & 255;
    }
    for (let length = SHORT + 1; length <= LONGEST; length++) {
      const index = (next >> (LONGEST - length)) - first[length]!;
      if (index < 0 || index >= counts[length]!) continue;
      count -= length;
      return symbols[places[length]! + index]!;
    }
    return -1;
  };
  /** The next number of so many bits (figure F.12). */
  const number = (size: number): number => {
    if (size === 0) return 0;
    if (count < size) fill();
    count -= size;
    const value = (bits >>> count) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  };
  const fits = (value: number, step: number) => Math.abs(value) * step <= LARGEST + STEPS * step;
  const block = ({ dc, ac, steps, component }: Block): boolean => {
    const size = symbol(dc);
    if (size < 0 || size > MOST_DC_BITS) return false;
    last[component]! += number(size);
    if (!fits(last[component]!, steps[0]!)) return false;
    for (let k = 1; k < BLOCK; k++) {
      const code = symbol(ac);
      if (code < 0) return false;
      const [run, size] = [code >> 4, code & 15];
      if (size === 0 && run < 15) return run === 0;
      k += run;
      if (k >= BLOCK || size > MOST_AC_BITS || !fits(number(size), steps[k]!)) return false;
    }
    return true;
  };
  for (let unit = 0; unit < units.count; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      const expected = RESTART + ((unit / interval - 1) % RESTARTS);
      if (count - missing >= 8 || bytes[at] !== MARKER || bytes[at + 1] !== expected) return undefined;
      at += 2;
      [bits, count, missing] = [0, 0, 0];
      last.fill(0);
    }
    if (!units.blocks.every(block) || count < missing) return undefined;
  }
  return markerBehind(bytes, at, Math.max(0, count - missing) >> 3);
}

/** @param unused whole bytes that were read ahead */
function markerBehind(bytes: Uint8Array, at: number, unused: number): number | undefined {
  let end = at;
  while (end < bytes.length && !(bytes[end] === MARKER && ![0, MARKER].includes(bytes[end + 1]!))) end++;
  const left = bytes.subarray(at - unused, end);
  if (end >= bytes.length || left.length > MOST_PADDING || left.some((byte) => byte !== left[0]))
    return undefined;
  return end;
}
