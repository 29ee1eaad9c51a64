/**
 * Shipped models as ONNX Runtime has optimized them for this machine, kept in the user's cache folder (Node only): a
 * session made from one takes a fifth of the time. They are never shipped, since they hold only for one version of ONNX
 * Runtime and one kind of processor.
 *
 * A model is two files, the graph and its constants, which are mapped into memory. A third one, the record, says of which
 * file of the package it is a copy and what is known of that model, so that it need not be read again.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists, writeWholeFile } from '../files/index.js';
import type { Model } from '../onnx/index.js';
import { cacheFolder } from './cache-folder.js';
import { shippedModelPath } from './shipped-path.js';

export interface OptimizedFile {
  /** Of the graph, in a folder that exists. */
  readonly path: string;
  /** Whether it is there. */
  readonly found: boolean;
  /**
   * Adds the model to the cache.
   * @param make writes the file of the given name, and returns the model that is to be kept in its place
   * @throws the system's error, as on a disk that is full or cannot be written
   */
  save(make: (partial: string) => Promise<Model>): Promise<void>;
}

/** A model of the cache, with what is known of the model that it was made from. */
export interface KnownModel {
  /** Of the optimized graph. */
  readonly path: string;
  /** As given to `rememberModel`. */
  readonly facts: unknown;
}

interface Record {
  /** Which file of the package was read. */
  readonly file: string;
  /** The name of the optimized graph's file. */
  readonly graph: string;
  readonly facts: unknown;
}

/** Changes whenever files of the cache get another form. */
const FORM = '2';

/**
 * The cached file of a model; undefined for models that do not ship, without a cache folder, or if the environment
 * variable `AGEWISE_CACHE` is `off`.
 * @param bytes the model as it is before
 * @param runtime the version of ONNX Runtime
 */
export async function optimizedFile(
  name: string,
  bytes: Uint8Array,
  runtime: string,
): Promise<OptimizedFile | undefined> {
  if (process.env.AGEWISE_CACHE === 'off' || (await shippedModelPath(name)) === undefined) return undefined;
  try {
    await mkdir(folder(), { recursive: true });
  } catch {
    return undefined;
  }
  const key = createHash('sha256')
    .update(bytes)
    .update(await circumstances(runtime));
  const path = join(folder(), `${name}-${shortened(key.digest('hex'))}.onnx`);
  const save = async (make: (partial: string) => Promise<Model>) =>
    (await import('./save-optimized.js')).saveOptimized(path, make);
  return { path, found: await exists(path), save };
}

/**
 * The optimized copy of a shipped model whose file is still the one that `rememberModel` saw, by its size, times and place on
 * the disk; undefined if there is none, or if the environment variable `AGEWISE_CACHE` is `off`.
 */
export async function knownModel(name: string, runtime: string): Promise<KnownModel | undefined> {
  if (process.env.AGEWISE_CACHE === 'off') return undefined;
  const model = await shippedModelPath(name);
  if (model === undefined) return undefined;
  try {
    const [text, file] = await Promise.all([
      recordPath(name, model, runtime).then((path) => readFile(path, 'utf8')),
      identity(model),
    ]);
    const record = JSON.parse(text) as Record;
    return record.file === file ? { path: join(folder(), record.graph), facts: record.facts } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps what is known of a shipped model for `knownModel`.
 * @param graph the path of its optimized graph
 * @param learn says what is known of a model of these bytes, as plain data; undefined if the graph is of another one
 * @throws the system's error, as on a disk that is full or cannot be written
 */
export async function rememberModel(
  name: string,
  graph: string,
  runtime: string,
  learn: (bytes: Uint8Array) => unknown,
): Promise<void> {
  const model = (await shippedModelPath(name))!;
  const file = await identity(model);
  const facts = learn(await readFile(model));
  if (facts === undefined) return;
  const record: Record = { file, graph: basename(graph), facts };
  await writeWholeFile(await recordPath(name, model, runtime), JSON.stringify(record));
}

const folder = () => join(cacheFolder(), 'optimized');

/** Of a hash. */
const shortened = (hex: string) => hex.slice(0, 32);

/** Differs whenever a file has been replaced or written to. */
async function identity(path: string): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [size, ino, mtimeNs, ctimeNs].join(' ');
}

/** One record for each place of a model: two copies of the package can be in use. */
async function recordPath(name: string, model: string, runtime: string): Promise<string> {
  const key = createHash('sha256')
    .update(model)
    .update(await packageVersion())
    .update(await circumstances(runtime));
  return join(folder(), `${name}-${shortened(key.digest('hex'))}.json`);
}

/** On which the form of what is known of a model depends. */
async function packageVersion(): Promise<string> {
  const file = fileURLToPath(new URL('../../package.json', import.meta.url));
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

/** What graphs are optimized for: ONNX Runtime, the processor's name and, where the system lists them, its instruction sets. */
async function circumstances(runtime: string): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  const processor = /^model name\s*:(.*)$/m.exec(text)?.[1] ?? cpus()[0]?.model ?? '';
  return [FORM, runtime, process.platform, process.arch, processor, flags].join('\n');
}
