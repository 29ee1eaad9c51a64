/** Finds the file of a backbone or of weights: on the disk, in the package, or in the download cache. */

import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maskAddress } from '../errors/index.js';
import { exists, findMismatch, notAFileAt, type TransferOptions, transfer } from '../files/index.js';
import { cacheFolder } from './cache-folder.js';
import { ModelFileError } from './error.js';
import { shippedModels } from './shipped.js';
import { shippedModelPath } from './shipped-path.js';

export interface LocateOptions extends Pick<TransferOptions, 'signal' | 'onProgress' | 'pauses'> {
  /** The hash that the file must have, 64 hexadecimal digits; `#sha256=…` at the end of the source also gives it. */
  readonly sha256?: string;
  /** The download cache; `agewise` in `$XDG_CACHE_HOME` or `~/.cache` if left out. */
  readonly cache?: string;
  /** Called with a sentence about unusual events. */
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

const SHIPPED = 'shipped:';
const MADE = 'made:';
/** Where `npm run models` puts backbones that do not ship. */
const BACKBONES = fileURLToPath(new URL('../../backbones/', import.meta.url));
const ADDRESS = /^https?:\/\//i;
const HASH = /#sha256=(.*)$/;
const SHA256 = /^[0-9a-f]{64}$/i;

/**
 * The path of the file that a source names: a shipped model (`shipped:NAME`), a backbone made by `npm run models`
 * (`made:NAME`), a URL, which is downloaded into the cache once, or a path. A URL or a path may end in `#sha256=…`.
 * @throws ModelFileError if there is no shipped or made model of that name, the file cannot be read or downloaded, or its hash differs.
 */
export async function locate(source: string, options: LocateOptions = {}): Promise<string> {
  if (source.startsWith(SHIPPED)) return shippedModel(source);
  if (source.startsWith(MADE)) return madeBackbone(source);
  const stated = HASH.exec(source)?.[1];
  if (stated !== undefined && !SHA256.test(stated)) {
    throw new ModelFileError(
      `${maskAddress(source)}: expected 64 hexadecimal digits after #sha256=, found ${stated.length} characters`,
    );
  }
  const plain = source.replace(HASH, '');
  const sha256 = (stated ?? options.sha256)?.toLowerCase();
  if (stated !== undefined && options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256) {
    throw new ModelFileError(
      `${maskAddress(source)}: expected the one SHA-256, found another in its options, ${options.sha256}`,
    );
  }
  const checked = { ...options, ...(sha256 !== undefined && { sha256 }) };
  try {
    return ADDRESS.test(plain) ? await fetched(plain, checked) : await onDisk(plain, checked);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof ModelFileError
      ? error
      : new ModelFileError((error as Error).message, { cause: error });
  }
}

async function shippedModel(source: string): Promise<string> {
  const path = await shippedModelPath(source.slice(SHIPPED.length));
  if (path !== undefined) return path;
  const names = (await shippedModels()).map(({ name }) => name);
  throw new ModelFileError(`${source}: expected a shipped model, one of ${names.join(', ')}`);
}

async function madeBackbone(source: string): Promise<string> {
  const path = join(BACKBONES, `${basename(source.slice(MADE.length))}.onnx`);
  if (await exists(path)) return path;
  throw new ModelFileError(
    `${source}: expected the file '${path}', which \`npm run models\` or scripts/models/train-shipped.sh makes, found none`,
  );
}

async function onDisk(path: string, options: LocateOptions): Promise<string> {
  if (options.sha256 === undefined) return path;
  const found = await notAFileAt(path);
  if (found !== undefined) throw new ModelFileError(`${path}: expected a file, found ${found}`);
  const mismatch = await mismatchOf(path, options);
  if (mismatch === undefined) return path;
  throw new ModelFileError(
    `${path}: expected a file of SHA-256 ${mismatch.expected}, found ${mismatch.found}`,
  );
}

async function mismatchOf(path: string, { sha256, signal, onProgress }: LocateOptions) {
  const { size } = await stat(path);
  const onBytes = (done: number) => onProgress?.({ phase: 'checking', done, total: size });
  return findMismatch(path, sha256 === undefined ? {} : { sha256 }, onBytes, signal);
}

/** Each URL has its own folder, so that files of the same name do not collide. */
async function fetched(address: string, options: LocateOptions): Promise<string> {
  const url = new URL(address);
  const key = createHash('sha256').update(address).digest('hex').slice(0, 16);
  const folder = join(options.cache ?? cacheFolder(), key);
  const path = join(folder, basename(decodeURIComponent(url.pathname)) || 'file');
  const { cache: _, onNotice, ...rest } = options;
  const transferring = { ...rest, ...(onNotice && { onNote: onNotice }) };
  if ((await transfer(address, path, transferring)) === 'there' && (await mismatchOf(path, options))) {
    onNotice?.(`${maskAddress(address)}: the cached file has another SHA-256; downloading it again`);
    await rm(path);
    await transfer(address, path, transferring);
  }
  if (path.endsWith('.json')) await fetchShards(url, path, transferring);
  return path;
}

/** A TensorFlow.js model is JSON that names the files of its weights beside it. */
async function fetchShards(url: URL, path: string, options: TransferOptions): Promise<void> {
  const { sha256: _, ...unchecked } = options;
  const json = JSON.parse(await readFile(path, 'utf8')) as {
    weightsManifest?: readonly { readonly paths?: readonly string[] }[];
  };
  for (const name of json.weightsManifest?.flatMap((group) => group.paths ?? []) ?? []) {
    if (name !== basename(name))
      throw new ModelFileError(`${maskAddress(url.href)}: its weights '${name}' are not beside it`);
    await transfer(new URL(name, url).href, join(dirname(path), name), unchecked);
  }
}
