/** Transfers one file over HTTP: resumed after interruptions, verified, and renamed only when complete. */

import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { maskAddress } from '../../errors/index.js';
import { exists } from '../exists.js';
import { takeLock } from '../lock.js';
import { makeFolders } from '../make-folders.js';
import { isDiskFull, reasonOf } from '../reason.js';
import { request } from './address.js';
import { type Checksums, findMismatch } from './checksum.js';
import { DownloadError } from './error.js';
import { PartFile } from './part-file.js';
import { requireSpace } from './space.js';

export interface TransferProgress {
  readonly phase: 'receiving' | 'checking';
  readonly done: number;
  /** Undefined if the server does not say. */
  readonly total: number | undefined;
}

export interface TransferOptions extends Checksums {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Called with a sentence about unusual events: resuming, or starting over. */
  readonly onNote?: (sentence: string) => void;
  /** How long to wait after the n-th failed attempt, in milliseconds. Default: 1, 2, 4, 8, ... seconds. */
  readonly pauses?: (attempt: number) => number;
}

/** Maximum number of consecutive attempts without a byte received. */
const MOST_ATTEMPTS = 6;

/**
 * Downloads `url` into the file `target`. An earlier attempt's `target.part` is resumed if the server still has the
 * same file and supports ranges; otherwise the download starts over.
 *
 * @returns whether the file existed already
 * @throws DownloadError if it cannot be downloaded, has another checksum, or does not fit on the disk; the partial download is kept
 */
export async function transfer(
  url: string,
  target: string,
  options: TransferOptions = {},
): Promise<'fetched' | 'there'> {
  if (await exists(target)) return 'there';
  await makeFolders(dirname(target));
  const part = new PartFile(target);
  const release = await takeLock(
    `${part.path}.lock`,
    ({ pid, host, since }) =>
      new DownloadError(`${target}: process ${pid} on ${host} has been downloading it since ${since}`),
  );
  try {
    // Another process may have finished downloading it meanwhile.
    return (await exists(target)) ? 'there' : await fetchInto(part, url, target, options);
  } finally {
    await release();
  }
}

async function fetchInto(
  part: PartFile,
  url: string,
  target: string,
  options: TransferOptions,
): Promise<'fetched'> {
  const { pauses = (attempt) => 1000 * 2 ** (attempt - 1), signal } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await receive(url, target, part, options);
    if (outcome.kind === 'whole') break;
    if (outcome.received > 0) attempt = 1;
    if (attempt >= MOST_ATTEMPTS) throw new DownloadError(`${maskAddress(url)}: ${outcome.sentence}`);
    options.onNote?.(`${basename(target)}: ${outcome.sentence}; trying again`);
    await wait(pauses(attempt), undefined, signal && { signal });
  }
  await check(url, part, options);
  await part.finish();
  return 'fetched';
}

/** The outcome of one request; after a `break` another attempt may succeed. */
type Outcome =
  | { readonly kind: 'whole' }
  | { readonly kind: 'break'; readonly received: number; readonly sentence: string };

async function receive(
  url: string,
  target: string,
  part: PartFile,
  options: TransferOptions,
): Promise<Outcome> {
  const { signal, onProgress, onNote } = options;
  const name = basename(target);
  const resumable = await part.resumable(url);
  let response: Response;
  try {
    response = await request(url, {
      ...(resumable && { headers: { range: `bytes=${resumable.bytes}-`, 'if-range': resumable.validator } }),
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const sentence = unreachable(error as Error);
    if (isPermanent(error as Error)) throw new DownloadError(`${maskAddress(url)}: ${sentence}`);
    return { kind: 'break', received: 0, sentence };
  }
  const failure = await refusal(response, url, resumable?.bytes ?? 0);
  if (failure === 'whole') return { kind: 'whole' };
  if (failure !== undefined) return { kind: 'break', received: 0, sentence: failure };

  const fresh = response.status === 200;
  if (resumable && fresh)
    onNote?.(`${name}: the server cannot resume it, or the file has changed; starting over`);
  else if (resumable) onNote?.(`${name}: resuming after ${resumable.bytes} bytes`);
  const start = fresh ? 0 : resumable!.bytes;
  const total = totalBytes(response, start);
  const rest = total === undefined ? 0 : total - start;
  // Starting over frees the disk space of an abandoned attempt.
  await requireSpace(name, rest - (fresh ? (resumable?.bytes ?? 0) : 0), dirname(target)).catch(
    async (error) => {
      await response.body?.cancel();
      throw error;
    },
  );

  let done = start;
  const file = await part.open({ url, validator: validatorOf(response) }, fresh);
  try {
    for await (const chunk of response.body ?? []) {
      // `write` may write fewer bytes than requested.
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
      done += chunk.length;
      onProgress?.({ phase: 'receiving', done, total });
    }
    await file.sync();
  } catch (error) {
    signal?.throwIfAborted();
    // Some full disks report an I/O error.
    if (isDiskFull(error) || (error as NodeJS.ErrnoException).code === 'EIO') {
      throw new DownloadError(
        `${name}: the disk is full after ${done} bytes, which are kept; run again to resume`,
      );
    }
    if (isWriteError(error)) {
      throw new DownloadError(`${part.path}: expected to write to it; ${reasonOf(error)}`);
    }
    return broken(done, start, total);
  } finally {
    await file.close();
  }
  return total !== undefined && done !== total ? broken(done, start, total) : { kind: 'whole' };
}

function broken(done: number, start: number, total: number | undefined): Outcome {
  const sentence = `the connection broke after ${done} of ${total ?? 'an unknown number of'} bytes`;
  return { kind: 'break', received: done - start, sentence };
}

/**
 * Undefined if a usable body follows; a sentence if another attempt may succeed.
 * @throws DownloadError if none would
 */
async function refusal(response: Response, url: string, have: number): Promise<string | 'whole' | undefined> {
  const { status, headers } = response;
  if (status === 200 || status === 206) {
    const type = headers.get('content-type') ?? '';
    if (type.startsWith('text/html') && !/\.html?$/.test(new URL(url).pathname)) {
      await response.body?.cancel();
      throw new DownloadError(`${maskAddress(url)}: expected a file, found a web page; open it in a browser`);
    }
    if (status === 200 || contentRange(headers)?.start === have) return undefined;
    await response.body?.cancel();
    throw new DownloadError(
      `${maskAddress(url)}: expected the bytes from ${have} on, found '${headers.get('content-range') ?? 'no Content-Range'}'`,
    );
  }
  await response.body?.cancel();
  // The requested range starts at the file's end: all of it is here.
  if (status === 416 && contentRange(headers)?.total === have) return 'whole';
  const sentence = `expected the file, the server answered ${status} ${response.statusText}`.trim();
  if (status >= 500 || status === 408 || status === 429) return sentence;
  const hint = status === 404 || status === 410 ? '; the authors may have moved it' : '';
  throw new DownloadError(`${maskAddress(url)}: ${sentence}${hint}`);
}

/** Of `bytes 100-199/200`, or `bytes * /200` (without the space) if no range could be sent. */
function contentRange(
  headers: Headers,
): { start: number | undefined; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (!match) return undefined;
  const number = (text: string | undefined) =>
    text === undefined || text === '*' ? undefined : Number(text);
  return { start: number(match[1]), total: number(match[2]) };
}

function totalBytes({ headers }: Response, start: number): number | undefined {
  const length = headers.get('content-length');
  return contentRange(headers)?.total ?? (length === null ? undefined : start + Number(length));
}

/** A weak ETag does not guarantee identical bytes. */
function validatorOf({ headers }: Response): string | null {
  const etag = headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
}

/** The message `fetch failed` is not informative; its cause is. */
export function unreachable(error: Error): string {
  const cause = (error.cause ?? error) as NodeJS.ErrnoException;
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'expected the server, but its name cannot be resolved';
    case 'ECONNREFUSED':
      return 'expected the server, found the connection refused';
    default:
      return `the connection failed (${cause.code ?? cause.message})`;
  }
}

/** Codes of OpenSSL and Node for bad certificates, protocol mismatches and unknown host names. */
const PERMANENT =
  /^(ENOTFOUND|ERR_TLS_|ERR_SSL_|ERR_INVALID_URL|CERT_|SELF_SIGNED_CERT_|DEPTH_ZERO_|UNABLE_TO_)/;

/** Whether another attempt would fail in the same way. Errors without a code come from URLs that `fetch` rejects. */
function isPermanent(error: Error): boolean {
  const { code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return code === undefined || PERMANENT.test(code);
}

/** An error of the disk rather than of the connection, whose errors are wrapped by `fetch`. */
const isWriteError = (error: unknown): boolean =>
  /^(write|fsync|fdatasync)$/.test((error as NodeJS.ErrnoException).syscall ?? '');

async function check(url: string, part: PartFile, options: TransferOptions): Promise<void> {
  const { size } = await stat(part.path);
  const onBytes = (done: number) => options.onProgress?.({ phase: 'checking', done, total: size });
  const mismatch = await findMismatch(part.path, options, onBytes, options.signal);
  if (!mismatch) return;
  const { algorithm, expected, found } = mismatch;
  const aside = await part.reject();
  throw new DownloadError(
    `${maskAddress(url)}: expected a file of ${algorithm} ${expected}, found ${found}; it is kept as '${basename(aside)}'; run again to start over`,
  );
}
