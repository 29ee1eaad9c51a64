/**
 * Whether the data of a JPEG file's scans are whole, by their Huffman codes: libvips misses what is wrong near the end, and a
 * hole of zeros often decodes to other pixels without a word. Some milliseconds per megapixel, so that it is asked of
 * suspicious files only.
 *
 * ITU-T T.81, annexes B, C and F.
 */

const MARKER = 0xff;
const [SOI, EOI, SOS, DHT, DRI] = [0xd8, 0xd9, 0xda, 0xc4, 0xdd];
/** Huffman-coded sequential frames, whose codes are read here. */
const SEQUENTIAL = [0xc0, 0xc1];
/** Frames of any kind; C4, C8 and CC are other segments. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/** The coefficients of a block. */
const BLOCK = 64;
/** The longest code in bits. */
const LONGEST = 16;

/** Encoders pad the data to whole words or sectors; the rest of damaged data is longer, or differs. */
const MOST_PADDING = 64;

/** So many zeros are rare in a scan, and are what a part that never came was reserved with. */
const HOLE = Buffer.alloc(16);
/** Of so many bytes of a scan that are evenly spread, all but one of 10^13 have a line feed, and a carriage return. */
const ENOUGH = 8192;

/** Whether a JPEG file might be damaged without a decoder's noticing. */
export function isSuspicious(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = firstScan(bytes);
  if (start === undefined) return false;
  const end = file.indexOf(Buffer.of(MARKER, EOI), start);
  if (end < 0) return true;
  const scan = file.subarray(start, end);
  const without = (byte: number) => scan.length >= ENOUGH && !scan.includes(byte);
  // Programs that take a file for text drop, double or exchange these.
  return scan.includes(HOLE) || without(0x0a) || without(0x0d);
}

/** Where the first scan's header begins. */
function firstScan(bytes: Uint8Array): number | undefined {
  for (const { marker, from } of segments(bytes)) if (marker === SOS) return from;
  return undefined;
}

interface Segment {
  readonly marker: number;
  readonly from: number;
  /** The bytes after its length. */
  readonly data: Uint8Array;
}

/** The segments up to the first scan, or from a place behind one. */
function* segments(bytes: Uint8Array, at = 2): Generator<Segment, void, undefined> {
  while (at + 4 <= bytes.length && bytes[at] === MARKER) {
    const marker = bytes[at + 1]!;
    // A marker may be preceded by fill bytes.
    if (marker === MARKER) {
      at++;
      continue;
    }
    const to = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    yield { marker, from: at, data: bytes.subarray(at + 4, to) };
    if (marker === EOI || marker === SOS) return;
    at = to;
  }
}

interface Component {
  readonly id: number;
  /** Sampling factors. */
  readonly across: number;
  readonly down: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** For each 16 bits, the length of the code that they begin with, times 256, and its symbol; 0 if there is none. */
type Codes = Uint16Array;

/** Undefined if the file is not of sequential Huffman codes, of which alone this can be told. */
export function scansAreWhole(bytes: Uint8Array): boolean | undefined {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return undefined;
  const codes = new Map<number, Codes>();
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
      } else if (marker === DHT) readCodes(data, codes);
      else if (marker === DRI) interval = (data[0]! << 8) | data[1]!;
      else if (marker === SOS) scan = segment;
    }
    if (scan === undefined || frame === undefined || frame.width * frame.height === 0) return undefined;
    const end = walk(bytes, scan, frame, codes, interval);
    if (end === undefined) return false;
    for (let i = 0; i < scan.data[0]!; i++) seen.add(scan.data[1 + 2 * i]!);
    at = end;
    if (bytes[at] === MARKER && bytes[at + 1] === EOI) return seen.size === frame.components.length;
  }
}

const readFrame = (data: Uint8Array): Frame => ({
  height: (data[1]! << 8) | data[2]!,
  width: (data[3]! << 8) | data[4]!,
  components: Array.from({ length: data[5]! }, (_, i) => {
    const [id, sampling] = [data[6 + 3 * i]!, data[7 + 3 * i]!];
    return { id, across: sampling >> 4, down: sampling & 15 };
  }),
});

/** Annex C: codes are assigned in the order of their lengths. */
function readCodes(data: Uint8Array, codes: Map<number, Codes>): void {
  for (let at = 0; at + 17 <= data.length; ) {
    const table = new Uint16Array(2 ** LONGEST);
    const counts = data.subarray(at + 1, at + 17);
    codes.set(data[at]!, table);
    at += 17;
    let code = 0;
    counts.forEach((count, i) => {
      const length = i + 1;
      for (let n = 0; n < count; n++) {
        const first = code << (LONGEST - length);
        table.fill((length << 8) | data[at++]!, first, first + 2 ** (LONGEST - length));
        code++;
      }
      code <<= 1;
    });
  }
}

/** The tables of each block of a unit of a scan (section A.2), and how many units there are. */
function unitsOf({ data }: Segment, { width, height, components }: Frame, codes: ReadonlyMap<number, Codes>) {
  const across = Math.max(...components.map((c) => c.across));
  const down = Math.max(...components.map((c) => c.down));
  const inScan = Array.from({ length: data[0]! }, (_, i) => ({
    component: components.find(({ id }) => id === data[1 + 2 * i]),
    tables: data[2 + 2 * i]!,
  }));
  const alone = inScan.length === 1;
  const blocks = inScan.flatMap(({ component, tables }) => {
    const pair = { dc: codes.get(tables >> 4), ac: codes.get(16 + (tables & 15)) };
    return new Array<typeof pair>(
      component === undefined || alone ? 1 : component.across * component.down,
    ).fill(pair);
  });
  const only = alone ? inScan[0]!.component : undefined;
  const columns = only ? Math.ceil((width * only.across) / across / 8) : Math.ceil(width / (8 * across));
  const rows = only ? Math.ceil((height * only.down) / down / 8) : Math.ceil(height / (8 * down));
  const known = inScan.every(({ component }) => component) && blocks.every(({ dc, ac }) => dc && ac);
  return known
    ? { blocks: blocks as { readonly dc: Codes; readonly ac: Codes }[], count: columns * rows }
    : undefined;
}

/** Goes through a scan's codes (annex F.2). @returns the place of the marker behind it; undefined if it is not whole */
function walk(
  bytes: Uint8Array,
  scan: Segment,
  frame: Frame,
  codes: ReadonlyMap<number, Codes>,
  interval: number,
): number | undefined {
  const units = unitsOf(scan, frame, codes);
  if (units === undefined) return undefined;
  let at = scan.from + 4 + scan.data.length;
  /** Bits that have been read and not used, of which the last ones stand for data that there are not. */
  let [bits, count, missing] = [0, 0, 0];
  const fill = () => {
    while (count <= 16) {
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
  /** The symbol of the next code, and the bits behind it that it tells the number of; -1 if there is none. */
  const symbol = (table: Codes): number => {
    fill();
    const found = table[(bits >>> (count - 16)) & 0xffff]!;
    if (found === 0) return -1;
    count -= found >> 8;
    fill();
    count -= found & 15;
    return found & 255;
  };
  const block = ({ dc, ac }: { readonly dc: Codes; readonly ac: Codes }): boolean => {
    const first = symbol(dc);
    if (first < 0 || first > 15) return false;
    for (let k = 1; k < BLOCK; k++) {
      const said = symbol(ac);
      if (said < 0) return false;
      const [run, size] = [said >> 4, said & 15];
      if (size === 0 && run < 15) return run === 0;
      k += run;
      if (k >= BLOCK) return false;
    }
    return true;
  };
  for (let unit = 0; unit < units.count; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      if (count - missing >= 8 || bytes[at] !== MARKER || !isRestart(bytes[at + 1]!)) return undefined;
      at += 2;
      [bits, count, missing] = [0, 0, 0];
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
