/** Whether a file is the one that somebody else has. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** In hexadecimal; a SHA-256 goes before an MD5 where both are known. */
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
 * Undefined where the file has the checksum, or none is known.
 * @param onBytes told how many have been read so far
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
