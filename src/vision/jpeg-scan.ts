/**
 * Checks the data of a JPEG file's scans by their Huffman codes: the number of blocks, the length of each, and the range
 * of its coefficients. libvips misses damage near the end, and often decodes a hole of zeros to other pixels without a
 * warning. The check takes a quarter to two fifths of the time of decoding in full, and as long as decoding to a small
 * size, so where pictures are not kept, only small and suspicious files get it.
 *
 * JPEG has no checksum: damage that makes other legal blocks, as some flipped bits do, cannot be recognized.
 *
 * ITU-T T.81, annexes A, B, F and G.
 */

import { BLOCK, CodeReader, type Codes, readCodes } from './jpeg-codes.js';
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
/** Huffman-coded progressive frames, which have each coefficient in several scans (annex G). */
const PROGRESSIVE = 0xc2;
const RESTART = 0xd0;
/** The number of different restart markers, which follow each other in turn. */
const RESTARTS = 8;

/** The most bits of a difference of DC coefficients, and of an AC coefficient (sections F.1.2.1 and F.1.2.2). */
const [MOST_DC_BITS, MOST_AC_BITS] = [11, 10];
/** The largest coefficient, dequantized, of a block of 8-bit samples, which are from -128 to 127 (section A.3.3). */
const LARGEST = 1024;
/** Encoders round to steps, and may choose the next one to save bits. */
const STEPS = 2;

/** The bytes that are compared with those behind them. */
const WORD = 4;
/** Nearly all scans of more than `SMALL` bytes have both: all but one of 10^27 if their bytes are evenly distributed. */
const [LINE_FEED, RETURN] = [0x0a, 0x0d];

/** Bytes of a scan that are always checked, as of a cropped face: it takes a millisecond at most. */
const SMALL = 2 ** 15;

/** Whether a JPEG file's scans are to be checked: small ones, and those that might be damaged without a warning. */
export function needsCheck(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = firstScan(bytes);
  if (start === undefined) return false;
  const end = file.indexOf(Buffer.of(MARKER, EOI), start);
  if (end < 0 || end - start <= SMALL) return true;
  const scans = [...scanData(file.subarray(0, end), start)];
  // Programs that take a file for text drop, double or exchange the last two.
  const lacks = (byte: number) => !scans.some((scan) => scan.includes(byte));
  return scans.some(hasHole) || lacks(LINE_FEED) || lacks(RETURN);
}

/**
 * Whether bytes repeat, as those that fill the place of a part that never arrived: zeros, blanks, marks of a disk. In a scan of
 * even areas they do too.
 */
function hasHole(scan: Buffer): boolean {
  for (let at = 0; at + 2 * WORD <= scan.length; at += WORD) {
    if (scan[at] === scan[at + WORD] && scan.readInt32LE(at) === scan.readInt32LE(at + WORD)) return true;
  }
  return false;
}

/** The data of each scan, without the tables between scans, which often have many zeros; and what is no scan. */
function* scanData(file: Buffer, start: number): Generator<Buffer, void, undefined> {
  for (let at: number | undefined = start; at !== undefined; ) {
    const from: number = at + 2 + uint16(file, at + 2);
    let end = file.indexOf(MARKER, from);
    while (end >= 0 && isInScan(file[end + 1])) end = file.indexOf(MARKER, end + 1);
    yield file.subarray(from, end < 0 ? file.length : end);
    at = end < 0 ? undefined : firstScan(file, end);
    if (at === undefined && end >= 0) yield file.subarray(end);
  }
}

/** Whether a byte behind 0xFF belongs to a scan's data: a stuffed zero, a restart or a fill byte. */
const isInScan = (byte: number | undefined): boolean =>
  byte === 0 || byte === MARKER || (byte !== undefined && byte >= RESTART && byte < RESTART + RESTARTS);

/** Where the first scan's header begins, from a place on. */
function firstScan(bytes: Uint8Array, at?: number): number | undefined {
  for (const { marker, from } of segments(bytes, at)) if (marker === SOS) return from;
  return undefined;
}

interface Component {
  readonly id: number;
  /** Sampling factors. */
  readonly across: number;
  readonly down: number;
  /** The number of its quantization table. */
  readonly table: number;
  /** For each coefficient, how many of its lowest bits have not come yet; `UNKNOWN` if none has. */
  readonly left: Int8Array;
  /** In progressive files, two words of bits for each block: the coefficients that are not 0 so far. */
  found?: Uint32Array;
}

const UNKNOWN = -1;

interface Frame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** The tables defined so far, by their numbers; 16 is added to those of AC codes. */
interface Tables {
  readonly codes: Map<number, Codes>;
  /** The largest coefficients, quantized, in zigzag order. */
  readonly largest: Map<number, Uint16Array>;
}

/** Whether all blocks of all scans are there and legal; undefined for files without Huffman codes. */
export function scansAreWhole(bytes: Uint8Array): boolean | undefined {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return undefined;
  const tables: Tables = { codes: new Map(), largest: new Map() };
  let frame: Frame | undefined;
  let interval = 0;
  const isComplete = () => frame?.components.every(({ left }) => left.every((bits) => bits === 0)) === true;
  for (let at = 2; ; ) {
    let scan: Segment | undefined;
    for (const segment of segments(bytes, at)) {
      const { marker, data } = segment;
      if (isFrame(marker)) {
        const progressive = marker === PROGRESSIVE;
        if (!(progressive || SEQUENTIAL.includes(marker)) || data[0] !== 8) return undefined;
        frame = readFrame(data, progressive);
      } else if (marker === DHT) readCodes(data, tables.codes);
      else if (marker === DQT) readSteps(data, tables.largest);
      else if (marker === DRI) interval = uint16(data, 0);
      else if (marker === SOS) scan = segment;
    }
    if (scan === undefined && at > 2) return isComplete();
    if (scan === undefined || frame === undefined || frame.width * frame.height === 0) return undefined;
    const end = walk(bytes, scan, frame, tables, interval);
    if (end === undefined) return false;
    at = end;
  }
}

/** Undefined if the header is cut off. */
function readFrame(data: Uint8Array, progressive: boolean): Frame | undefined {
  const size = frameSize(data);
  return (
    size && {
      ...size,
      progressive,
      components: Array.from({ length: size.components }, (_, i) => {
        const at = 6 + 3 * i;
        return {
          id: data[at]!,
          across: data[at + 1]! >> 4,
          down: data[at + 1]! & 15,
          table: data[at + 2]!,
          left: new Int8Array(BLOCK).fill(UNKNOWN),
        };
      }),
    }
  );
}

/**
 * Section B.2.4.1: each quantization table has 64 steps of one byte, or of two if the first half of its number is not 0.
 * @param largest gets what each coefficient may be
 */
function readSteps(data: Uint8Array, largest: Map<number, Uint16Array>): void {
  for (let at = 0; at < data.length; ) {
    const wide = data[at]! > 15;
    const from = at + 1;
    const step = (k: number) => (wide ? uint16(data, from + 2 * k) : data[from + k]!);
    largest.set(
      data[at]! & 15,
      Uint16Array.from({ length: BLOCK }, (_, k) => Math.min(LARGEST / step(k) + STEPS, 0xffff)),
    );
    at = from + (wide ? 2 : 1) * BLOCK;
  }
}

/** A block of a unit. */
interface Block {
  readonly dc: Codes | undefined;
  readonly ac: Codes | undefined;
  readonly largest: Uint16Array;
  /** The number of its component in the scan. */
  readonly component: number;
}

/** Which coefficients a scan has, and which of their bits (section B.2.3). */
interface Range {
  /** The first and last coefficient in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** How many of the lowest bits were left out so far, 0 if none of the coefficient has come yet; and still are. */
  readonly before: number;
  readonly low: number;
}

const rangeOf = ({ data }: Segment): Range => {
  const at = 1 + 2 * data[0]!;
  return { from: data[at]!, to: data[at + 1]!, before: data[at + 2]! >> 4, low: data[at + 2]! & 15 };
};

/** The blocks of a unit of a scan (section A.2), and the number of units. */
function unitsOf({ data }: Segment, { width, height, components }: Frame, { codes, largest }: Tables) {
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
      largest: component && largest.get(component.table),
      component: i,
    };
    return new Array<typeof block>(
      component === undefined || alone ? 1 : component.across * component.down,
    ).fill(block);
  });
  const only = alone ? inScan[0]!.component : undefined;
  const columns = only ? Math.ceil((width * only.across) / across / 8) : Math.ceil(width / (8 * across));
  const rows = only ? Math.ceil((height * only.down) / down / 8) : Math.ceil(height / (8 * down));
  return blocks.every((block) => block.largest)
    ? { blocks: blocks as readonly Block[], count: columns * rows }
    : undefined;
}

/** Reads a scan's blocks of one kind. */
interface BlockReader {
  /** @param unit the number of its unit in the scan; @returns whether it is legal */
  readonly block: (block: Block, unit: number) => boolean;
  /** At the beginning of each interval. */
  readonly start: () => void;
  /** Whether nothing of an interval's codes is left open at its end. */
  readonly isDone: () => boolean;
}

/** Reads a scan's codes. @returns the place of the marker behind it; undefined if it is not whole */
function walk(
  bytes: Uint8Array,
  scan: Segment,
  frame: Frame,
  tables: Tables,
  interval: number,
): number | undefined {
  const units = unitsOf(scan, frame, tables);
  if (units === undefined) return undefined;
  const codes = new CodeReader(bytes, scan.from + 4 + scan.data.length);
  const blocks = blockReader(codes, scan, frame, units.count);
  if (blocks === undefined) return undefined;
  for (let unit = 0; unit < units.count; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      if (!blocks.isDone() || !codes.restart(RESTART + ((unit / interval - 1) % RESTARTS))) return undefined;
      blocks.start();
    }
    for (const block of units.blocks) if (!blocks.block(block, unit)) return undefined;
    if (codes.isBeyond) return undefined;
  }
  return blocks.isDone() ? codes.end() : undefined;
}

/** The reader for a scan; undefined if the scan does not follow from those before. */
function blockReader(codes: CodeReader, scan: Segment, frame: Frame, units: number): BlockReader | undefined {
  const components = Array.from({ length: scan.data[0]! }, (_, i) =>
    frame.components.find(({ id }) => id === scan.data[1 + 2 * i]),
  ).filter((component) => component !== undefined);
  if (!frame.progressive) {
    for (const { left } of components) left.fill(0);
    return wholeBlocks(codes, components.length);
  }
  const range = rangeOf(scan);
  const known = range.before === 0 ? UNKNOWN : range.before;
  if (range.to >= BLOCK || range.from > range.to || (range.from > 0 && components.length > 1))
    return undefined;
  for (const { left } of components) {
    if (left.subarray(range.from, range.to + 1).some((bits) => bits !== known)) return undefined;
    left.fill(range.low, range.from, range.to + 1);
  }
  if (range.from === 0) {
    if (range.to > 0) return undefined;
    return range.before === 0 ? firstOfMeans(codes, components.length, range) : furtherOfMeans(codes);
  }
  const component = components[0]!;
  component.found ??= new Uint32Array(2 * units);
  return range.before === 0
    ? firstOfOthers(codes, range, component.found)
    : furtherOfOthers(codes, range, component.found);
}

/** Adds the next difference to the last DC coefficient of a component. @returns whether it is legal */
function addDifference(
  codes: CodeReader,
  dc: Codes | undefined,
  last: Int32Array,
  component: number,
): boolean {
  const size = dc === undefined ? -1 : codes.symbol(dc);
  if (size < 0 || size > MOST_DC_BITS) return false;
  last[component]! += codes.signed(size);
  return true;
}

/** All coefficients of each block (annex F.2). */
function wholeBlocks(codes: CodeReader, components: number): BlockReader {
  /** The last DC coefficient of each component. */
  const last = new Int32Array(components);
  return {
    block({ dc, ac, largest, component }) {
      if (ac === undefined || !addDifference(codes, dc, last, component)) return false;
      if (Math.abs(last[component]!) > largest[0]!) return false;
      return codes.coefficients(ac, largest);
    },
    start: () => void last.fill(0),
    isDone: () => true,
  };
}

/** The higher bits of DC coefficients (section G.1.2.1). */
function firstOfMeans(codes: CodeReader, components: number, { low }: Range): BlockReader {
  const last = new Int32Array(components);
  const scale = 2 ** low;
  return {
    block({ dc, largest, component }) {
      if (!addDifference(codes, dc, last, component)) return false;
      const value = last[component]!;
      // The bits that follow raise it.
      return Math.abs(value < 0 ? (value + 1) * scale - 1 : value * scale) <= largest[0]!;
    },
    start: () => void last.fill(0),
    isDone: () => true,
  };
}

/** A lower bit of DC coefficients. */
const furtherOfMeans = (codes: CodeReader): BlockReader => ({
  block: () => codes.unsigned(1) >= 0,
  start: () => {},
  isDone: () => true,
});

/** The higher bits of other coefficients (section G.1.2.2). @param found is set where a coefficient is not 0 */
function firstOfOthers(codes: CodeReader, { from, to, low }: Range, found: Uint32Array): BlockReader {
  const scale = 2 ** low;
  /** Blocks without any, this one included. */
  let empty = 0;
  return {
    block({ ac, largest }, unit) {
      if (empty > 0) {
        empty--;
        return true;
      }
      if (ac === undefined) return false;
      for (let k = from; k <= to; k++) {
        const code = codes.symbol(ac);
        if (code < 0) return false;
        const [run, size] = [code >> 4, code & 15];
        if (size === 0 && run < 15) {
          empty = (1 << run) + codes.unsigned(run) - 1;
          return true;
        }
        k += run;
        if (k > to || size > MOST_AC_BITS) return false;
        if (Math.abs(codes.signed(size)) * scale > largest[k]!) return false;
        if (size > 0) found[2 * unit + (k >> 5)]! |= 1 << (k & 31);
      }
      return true;
    },
    start: () => {},
    isDone: () => empty === 0,
  };
}

/** A lower bit of other coefficients (section G.1.2.3). */
function furtherOfOthers(codes: CodeReader, { from, to }: Range, found: Uint32Array): BlockReader {
  /** Blocks in which none becomes other than 0, this one included. */
  let empty = 0;
  return {
    block({ ac }, unit) {
      const at = 2 * unit;
      let k = from;
      while (empty === 0 && k <= to) {
        if (ac === undefined) return false;
        const code = codes.symbol(ac);
        if (code < 0) return false;
        const [run, size] = [code >> 4, code & 15];
        if (size > 1) return false;
        if (size === 0 && run < 15) {
          empty = (1 << run) + codes.unsigned(run);
          break;
        }
        codes.unsigned(size);
        for (let zeros = run; ; k++) {
          if (k > to) return false;
          if ((found[at + (k >> 5)]! & (1 << (k & 31))) !== 0) codes.unsigned(1);
          else if (zeros-- === 0) break;
        }
        if (size > 0) found[at + (k >> 5)]! |= 1 << (k & 31);
        k++;
      }
      if (empty === 0) return true;
      for (; k <= to; k++) if ((found[at + (k >> 5)]! & (1 << (k & 31))) !== 0) codes.unsigned(1);
      empty--;
      return true;
    },
    start: () => {},
    isDone: () => empty === 0,
  };
}
