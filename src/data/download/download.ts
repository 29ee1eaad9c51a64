/** Fetches several files into a folder, after a look whether they are there and whether the disk can hold them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../types.js';
import type { SourceFile } from './sources.js';
import { requireSpace } from './space.js';
import { type TransferOptions, type TransferProgress, transfer, unreachable } from './transfer.js';

export interface DownloadOptions extends Pick<TransferOptions, 'signal' | 'onNote' | 'pauses'> {
  readonly onProgress?: (file: SourceFile, progress: TransferProgress) => void;
  /** A file is done. */
  readonly onFile?: (file: SourceFile, outcome: 'fetched' | 'there') => Promise<void> | void;
}

/**
 * Fetches the files one after another.
 * @throws DataError at the first that cannot be had; those before it are whole, what has come of it is kept
 */
export async function download(
  files: readonly SourceFile[],
  folder: string,
  { onProgress, onFile, ...options }: DownloadOptions = {},
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
  files: readonly SourceFile[],
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
    response = await fetch(url, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'identity' },
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new DataError(`${url}: ${unreachable(error as Error)}`);
  }
  const { status, statusText, headers } = response;
  // Not every server answers HEAD; but what is not there for it is not there at all.
  if (status === 404 || status === 410) {
    const answer = `${status} ${statusText}`.trim();
    throw new DataError(
      `${url}: expected the file, the server answered ${answer}; the authors may have moved it`,
    );
  }
  return response.ok ? Number(headers.get('content-length') ?? 0) : 0;
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
