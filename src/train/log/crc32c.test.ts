import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';

describe('crc32c', () => {
  it.each([
    ['32 bytes of zero', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes that increase', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 bytes that decrease', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['the usual check', Buffer.from('123456789'), 0xe3069283],
  ])("of %s is RFC 3720's", (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('is masked as TensorFlow does', () => {
    // tensorflow/core/lib/hash/crc32c.h: ((crc >> 15) | (crc << 17)) + 0xa282ead8 in 32 bits.
    const sum = BigInt(crc32c(Buffer.from('foo')));
    const masked = (((sum >> 15n) | (sum << 17n)) + 0xa282ead8n) & 0xffffffffn;
    expect(maskedCrc32c(Buffer.from('foo'))).toBe(Number(masked));
  });
});
