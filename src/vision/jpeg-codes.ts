/** Huffman codes of a JPEG file, and the bits of its scans. ITU-T T.81, annexes C and F. */

import { MARKER } from './jpeg-segments.js';

/** The longest code in bits, and those that are looked up at once. */
const LONGEST = 16;
const SHORT = 10;
/** Of so many bits; in a bundle constants become variables, whose powers are computed each time. */
const SHORT_MASK = 2 ** SHORT - 1;

/** The coefficients of a block. */
export const BLOCK = 64;
/** The symbol of 16 zeros. */
const ZEROS = 0xf0;

/** Encoders pad the data to whole words or sectors; the rest of damaged data is longer, or differs. */
const MOST_PADDING = 64;

/** The codes of a Huffman table (annex C). */
export interface Codes {
  /** For each `SHORT` bits, the length of the code that they begin with, times 256, and its symbol; 0 for a longer code. */
  readonly short: Uint16Array;
  /** For each length, the first code, the number of codes, and the place of the first one's symbol. */
  readonly first: Int32Array;
  readonly counts: Uint8Array;
  readonly places: Int32Array;
  readonly symbols: Uint8Array;
}

/** Reads the tables of a segment by their numbers, to which 16 is added for AC codes; codes are assigned in the order of their lengths. */
export function readCodes(data: Uint8Array, codes: Map<number, Codes>): void {
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

/** Reads the codes of a scan's data, from `at` on; behind their end, it reads zeros. */
export class CodeReader {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Bits that have been read and not used, of which the last ones stand for missing data. */
  #bits = 0;
  #count = 0;
  #missing = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Whether more bits have been used than there are. */
  get isBeyond(): boolean {
    return this.#count < this.#missing;
  }

  #fill(): void {
    const bytes = this.#bytes;
    while (this.#count <= LONGEST) {
      let byte = this.#at < bytes.length ? bytes[this.#at]! : MARKER;
      if (byte !== MARKER) this.#at++;
      else if (bytes[this.#at + 1] === 0) this.#at += 2;
      else {
        byte = 0;
        this.#missing += 8;
      }
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }

  /** The symbol of the next code; -1 if there is none. */
  symbol({ short, first, counts, places, symbols }: Codes): number {
    if (this.#count < LONGEST) this.#fill();
    const next = (this.#bits >>> (this.#count - LONGEST)) & 0xffff;
    const found = short[next >> (LONGEST - SHORT)]!;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 255;
    }
    for (let length = SHORT + 1; length <= LONGEST; length++) {
      const index = (next >> (LONGEST - length)) - first[length]!;
      if (index < 0 || index >= counts[length]!) continue;
      this.#count -= length;
      return symbols[places[length]! + index]!;
    }
    return -1;
  }

  /**
   * Reads the AC coefficients of a block (section F.2.2.2). Most of the time goes into this loop, so it has few branches.
   * @param largest the largest of each, in zigzag order
   * @returns whether they are legal
   */
  coefficients(codes: Codes, largest: Uint16Array): boolean {
    const bytes = this.#bytes;
    const { short } = codes;
    let at = this.#at;
    let bits = this.#bits;
    let count = this.#count;
    let k = 1;
    while (k >= 0 && k < BLOCK) {
      while (count < LONGEST && at < bytes.length) {
        const byte = bytes[at]!;
        if (byte === MARKER && bytes[at + 1] !== 0) break;
        at += byte === MARKER ? 2 : 1;
        bits = (bits << 8) | byte;
        count += 8;
      }
      const found = count < SHORT ? 0 : short[(bits >>> (count - SHORT)) & SHORT_MASK]!;
      const size = found & 15;
      const next = k + ((found >> 4) & 15);
      const left = count - (found >> 8) - size;
      if (size > 0 && left >= 0 && next < BLOCK) {
        const mask = (1 << size) - 1;
        const value = (bits >>> left) & mask;
        // As `signed`, without its sign.
        if ((value ^ (mask & ((value >> (size - 1)) - 1))) > largest[next]!) return false;
        count = left;
        k = next + 1;
        continue;
      }
      this.#at = at;
      this.#bits = bits;
      this.#count = count;
      k = this.#coefficient(codes, largest, k);
      at = this.#at;
      bits = this.#bits;
      count = this.#count;
    }
    this.#at = at;
    this.#bits = bits;
    this.#count = count;
    return k >= 0;
  }

  /** Reads a coefficient from place `k` on. @returns the place behind it or behind zeros, `BLOCK` at a block's end, -1 if illegal */
  #coefficient(codes: Codes, largest: Uint16Array, k: number): number {
    const symbol = this.symbol(codes);
    const size = symbol & 15;
    if (symbol === ZEROS) return k + 16;
    if (size === 0) return symbol === 0 ? BLOCK : -1;
    const at = k + (symbol >> 4);
    if (symbol < 0 || at >= BLOCK) return -1;
    return Math.abs(this.signed(size)) <= largest[at]! ? at + 1 : -1;
  }

  /** The next bits, at most 16, as a number. */
  unsigned(size: number): number {
    if (size === 0) return 0;
    if (this.#count < size) this.#fill();
    this.#count -= size;
    return (this.#bits >>> this.#count) & ((1 << size) - 1);
  }

  /** The next coefficient of so many bits, negative if the first bit is 0 (figure F.12). */
  signed(size: number): number {
    const value = this.unsigned(size);
    return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Goes on behind a restart marker. @returns whether it comes next */
  restart(marker: number): boolean {
    const at = this.#at;
    if (this.#count - this.#missing >= 8 || this.#bytes[at] !== MARKER || this.#bytes[at + 1] !== marker)
      return false;
    this.#at += 2;
    [this.#bits, this.#count, this.#missing] = [0, 0, 0];
    return true;
  }

  /** The place of the marker behind the data; undefined if more is left than padding. */
  end(): number | undefined {
    const bytes = this.#bytes;
    const readAhead = Math.max(0, this.#count - this.#missing) >> 3;
    let end = this.#at;
    while (end < bytes.length && !(bytes[end] === MARKER && ![0, MARKER].includes(bytes[end + 1]!))) end++;
    const left = bytes.subarray(this.#at - readAhead, end);
    if (end >= bytes.length || left.length > MOST_PADDING || left.some((byte) => byte !== left[0]))
      return undefined;
    return end;
  }
}
