/** Downloads several files into a folder, after checking which exist and whether the disk has room for the rest. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { maskAddress } from '../../errors/index.js';
import { request } from './address.js';
import { DownloadError } from './error.js';
import { requireSpace } from './space.js';
import { type TransferOptions, type TransferProgress, transfer, unreachable } from './transfer.js';

/** A file that can be downloaded. */
export interface OfferedFile {
  /** Its name on disk. */
  readonly name: string;
  readonly url: string;
  /** In hexadecimal. */
  readonly md5?: string;
  readonly sha256?: string;
}

export interface DownloadOptions<F extends OfferedFile>
  extends Pick<TransferOptions, 'signal' | 'onNote' | 'pauses'> {
  readonly onProgress?: (file: F, progress: TransferProgress) => void;
  /** A file is done. */
  readonly onFile?: (file: F, outcome: 'fetched' | 'there') => Promise<void> | void;
}

/**
 * Downloads the files one after another.
 * @throws DownloadError at the first that cannot be downloaded; those before it are complete, and its partial download is kept
 */
export async function download<F extends OfferedFile>(
  files: readonly F[],
  folder: string,
  { onProgress, onFile, ...options }: DownloadOptions<F> = {},
): Promise<void> {
  await requireSpace(folder, await missingBytes(files, folder, options.signal), folder);
  for (const file of files) {
    const outcome = await transfer(file.url, join(folder, file.name), {
      ...options,
      ...(file.md5 && { md5: file.md5 }),
      ...(file.sha256 && { sha256: file.sha256 }),
      onProgress: (progress) => onProgress?.(file, progress),
    });
    await onFile?.(file, outcome);
  }
}

/** The number of bytes still to download, as far as servers state the sizes of their files. */
async function missingBytes(
  files: readonly OfferedFile[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sizes = files.map(async ({ name, url }) => {
    const path = join(folder, name);
    if ((await sizeOf(path)) !== undefined) return 0;
    return Math.max(0, (await announcedBytes(url, signal)) - ((await sizeOf(`${path}.part`)) ?? 0));
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** 0 if the server does not say. */
async function announcedBytes(url: string, signal: AbortSignal | undefined): Promise<number> {
  let response: Response;
  try {
    response = await request(url, { method: 'HEAD', ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new DownloadError(`${maskAddress(url)}: ${unreachable(error as Error)}`);
  }
  const { status, statusText, headers } = response;
  // Not every server supports HEAD, but if it answers "not found", the file does not exist.
  if (status === 404 || status === 410) {
    const answer = `${status} ${statusText}`.trim();
    throw new DownloadError(
      `${maskAddress(url)}: expected the file, the server answered ${answer}; the authors may have moved it`,
    );
  }
  return response.ok ? Number(headers.get('content-length') ?? 0) : 0;
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
