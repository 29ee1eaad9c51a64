/** Fetches several files into a folder, after a look whether they are there and whether the disk can hold them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { maskAddress, request } from './address.js';
import { DownloadError } from './error.js';
import { requireSpace } from './space.js';
import { type TransferOptions, type TransferProgress, transfer, unreachable } from './transfer.js';

/** A file that somebody offers. */
export interface OfferedFile {
  /** What it is called on disk. */
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
 * Fetches the files one after another.
 * @throws DownloadError at the first that cannot be had; those before it are whole, what has come of it is kept
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

/** What is still to come, as far as the servers say how large their files are. */
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

/** 0 where the server does not say. */
async function announcedBytes(url: string, signal: AbortSignal | undefined): Promise<number> {
  let response: Response;
  try {
    response = await request(url, { method: 'HEAD', ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new DownloadError(`${maskAddress(url)}: ${unreachable(error as Error)}`);
  }
  const { status, statusText, headers } = response;
  // Not every server answers HEAD; but what is not there for it is not there at all.
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
