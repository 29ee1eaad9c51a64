/** Checks files against published checksums. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** In hexadecimal; if both are known, SHA-256 is used. */
export interface Checksums {
  readonly md5?: string;
  readonly sha256?: string;
}

export interface Mismatch {
  readonly algorithm: 'md5' | 'sha256';
  readonly expected: string;
  readonly found: string;
}

/**
 * Undefined if the file has the checksum, or none is known.
 * @param onBytes called with the number of bytes read so far
 */
export async function findMismatch(
  file: string,
  { md5, sha256 }: Checksums,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Mismatch | undefined> {
  const algorithm = sha256 === undefined ? 'md5' : 'sha256';
  const expected = (sha256 ?? md5)?.toLowerCase();
  if (expected === undefined) return undefined;
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onBytes(bytes);
  }
  const found = hash.digest('hex');
  return found === expected ? undefined : { algorithm, expected, found };
}
