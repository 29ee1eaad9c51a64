/**
 * Follows the codes of LZW (Welch 1984, "A Technique for High-Performance Data Compression") without making what they stand
 * for, by the lengths of their strings. CompuServe, GIF89a, appendix F; TIFF 6.0, section 13.
 */

/** The longest code in bits. */
export const LONGEST_CODE = 12;

export interface LzwForm {
  /** Bits of a value; the first codes have one more. */
  readonly valueBits: number;
  /** Whether a code begins at a byte's highest bit, as in TIFF, and not at its lowest, as in GIF. */
  readonly highFirst: boolean;
  /** How many codes before they no longer fit they become longer: 1 in TIFF, 0 in GIF. */
  readonly early: 0 | 1;
}

/** Whether codes are legal and give exactly `count` values. The code that ends them may be missing. */
export function codesGive(
  data: Uint8Array,
  count: number,
  { valueBits, highFirst, early }: LzwForm,
): boolean {
  const clear = 2 ** valueBits;
  const end = clear + 1;
  const lengths = new Uint32Array(2 ** LONGEST_CODE).fill(1, 0, clear);
  let [size, next, last] = [valueBits + 1, clear + 2, -1];
  let [bits, held, left] = [0, 0, count];
  for (let at = 0; ; ) {
    while (held < size && at < data.length) {
      const byte = data[at++]!;
      bits = highFirst ? (bits << 8) | byte : bits | (byte << held);
      held += 8;
    }
    if (held < size) return left === 0;
    const mask = (1 << size) - 1;
    held -= size;
    const code = (highFirst ? bits >>> held : bits) & mask;
    bits = highFirst ? bits & ((1 << held) - 1) : bits >>> size;
    if (code === end) return left === 0;
    if (code === clear) {
      [size, next, last] = [valueBits + 1, clear + 2, -1];
      continue;
    }
    if (code > next || (code === next && last < 0)) return false;
    const grown = last < 0 ? 0 : lengths[last]! + 1;
    left -= code === next ? grown : lengths[code]!;
    if (left < 0) return false;
    if (last >= 0 && next < lengths.length) {
      lengths[next++] = grown;
      if (next === (1 << size) - early && size < LONGEST_CODE) size++;
    }
    last = code;
  }
}
