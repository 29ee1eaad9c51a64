/**
 * Shipped models as ONNX Runtime has optimized them for this machine, kept in the user's cache folder (Node only): a
 * session made from one takes a third of the time. They are never shipped, since they hold only for one version of ONNX
 * Runtime and one kind of processor.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../files/index.js';
import { cacheFolder } from './cache-folder.js';
import { shippedModelPath } from './shipped.js';

export interface OptimizedFile {
  /** Undefined if there is none yet. */
  readonly bytes: Uint8Array | undefined;
  /**
   * Adds the file to the cache.
   * @param write writes the file of the given name
   * @throws the system's error, as on a disk that is full or cannot be written
   */
  save(write: (partial: string) => Promise<void>): Promise<void>;
}

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
  const folder = join(cacheFolder(), 'optimized');
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    return undefined;
  }
  const key = createHash('sha256')
    .update(bytes)
    .update(runtime)
    .update(await processor());
  const path = join(folder, `${name}-${key.digest('hex').slice(0, 32)}.onnx`);
  return {
    bytes: await readFile(path).catch(() => undefined),
    save: (write) => writeWhole(path, write),
  };
}

/** What graphs are optimized for: the processor's name and, where the system lists them, its instruction sets. */
async function processor(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  return [process.platform, process.arch, cpus()[0]?.model ?? '', flags].join('\n');
}
