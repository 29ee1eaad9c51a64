/**
 * Downloads of files in a browser. A file whose SHA-256 is known is checked against it and kept in Cache Storage under it, so
 * that it is downloaded once and a damaged or outdated copy is never used. Pages that are not secure contexts (plain HTTP) have
 * neither Cache Storage nor hashes: they download a file each time.
 */

import type { AgewiseErrorOptions } from '../errors/index.js';
import { maskAddress } from '../errors/index.js';
import { ModelFileError } from './error.js';

export interface FetchFileOptions {
  /** The file's name in errors, such as `Model 'agewise-base'`. */
  readonly subject: string;
  /** 64 hexadecimal digits. A file without a hash is not cached, since its changes would go unnoticed. */
  readonly sha256?: string | undefined;
}

/** @throws ModelFileError, in one sentence, if a file cannot be downloaded or has another hash */
export type FetchFile = (address: URL, options: FetchFileOptions) => Promise<Uint8Array<ArrayBuffer>>;

export interface FileFetcherOptions {
  /** Whether to keep files; default true. */
  readonly cache?: boolean;
  /** Called as bytes of a file arrive; `total` is undefined if the server does not state it. */
  readonly onBytes?: (file: string, done: number, total: number | undefined) => void;
}

const CACHE = 'agewise';
const HASH_PARAMETER = 'sha256';

export function fileFetcher({ cache = true, onBytes }: FileFetcherOptions = {}): FetchFile {
  return async (address, { subject, sha256 }) => {
    const name = address.pathname.split('/').at(-1)!;
    const report = (done: number, total: number | undefined) => onBytes?.(name, done, total);
    const kept = cache && sha256 !== undefined ? await openCache() : undefined;
    const key = new URL(address);
    key.hash = '';
    if (sha256 !== undefined) key.searchParams.set(HASH_PARAMETER, sha256);
    if (kept !== undefined) {
      const bytes = await (await kept.match(key))?.arrayBuffer();
      if (bytes !== undefined && (await hashOf(bytes)) === sha256) {
        report(bytes.byteLength, bytes.byteLength);
        return new Uint8Array(bytes);
      }
    }
    const bytes = await download(address, subject, report);
    if (sha256 !== undefined) {
      const found = await hashOf(bytes);
      if (found !== undefined && found !== sha256) {
        throw new ModelFileError({
          subject,
          expected: `a file of SHA-256 ${sha256} at ${maskAddress(address.href)}`,
          found: `one of ${bytes.length} bytes and SHA-256 ${found}`,
        });
      }
    }
    if (kept !== undefined) await keep(kept, key, bytes);
    return bytes;
  };
}

async function download(
  address: URL,
  subject: string,
  report: (done: number, total: number | undefined) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const failed = (problem: string, options: AgewiseErrorOptions) =>
    new ModelFileError(
      { subject, problem: `${maskAddress(address.href)} cannot be fetched: ${problem}` },
      options,
    );
  try {
    const response = await fetch(address);
    if (!response.ok) {
      throw failed(`the answer was ${response.status} ${response.statusText}`.trim(), { kind: 'missing' });
    }
    return await received(response, report);
  } catch (error) {
    throw error instanceof ModelFileError ? error : failed((error as Error).message, { cause: error });
  }
}

async function received(
  response: Response,
  report: (done: number, total: number | undefined) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // For a compressed transfer the header states the compressed length.
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done: ended, value } = await reader.read();
    if (ended) break;
    parts.push(value);
    done += value.length;
    report(done, total);
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  report(done, done);
  return bytes;
}

async function hashOf(bytes: BufferSource): Promise<string | undefined> {
  const digest = await globalThis.crypto.subtle?.digest('SHA-256', bytes);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Undefined if there is none, or the user's settings forbid it. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch {
    return undefined;
  }
}

/** Keeps a file in place of others from its URL. If there is no room for it, it is downloaded again next time. */
async function keep(cache: Cache, key: URL, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    for (const { url } of await cache.keys()) {
      const other = new URL(url);
      if (other.origin === key.origin && other.pathname === key.pathname) await cache.delete(url);
    }
    await cache.put(key, new Response(bytes));
  } catch {}
}
