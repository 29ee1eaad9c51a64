/**
 * IEEE 754 half precision, for which Node 20 has no typed array. Rounding is to nearest, ties to even, as in hardware.
 */

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/**
 * The bits of `value` truncated to float32, with the last bit set if it was inexact, so that rounding to half precision
 * afterwards gives the same result as from `value` itself (Boldo and Melquiond 2008, rounding to odd).
 */
function oddFloat32Bits(value: number): number {
  f32[0] = value;
  const nearest = f32[0]!;
  if (nearest === value || Number.isNaN(value)) return u32[0]!;
  if (Math.abs(nearest) > Math.abs(value)) u32[0]!--;
  return u32[0]! | 1;
}

/** The bits of the half-precision number nearest to `value`; beyond ±65504 it becomes ±infinity. */
export function toFloat16Bits(value: number): number {
  const bits = oddFloat32Bits(value);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and more, infinity
  if (magnitude < 0x38800000) {
    // Subnormal: a multiple of 2^-24. Adding 0.5 as a float leaves that multiple, rounded, in the last bits.
    u32[0] = magnitude;
    f32[0] = f32[0]! + 0.5;
    return sign | (u32[0]! - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The number represented by half-precision `bits`. */
export function fromFloat16Bits(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
