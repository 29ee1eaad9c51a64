/** Headless Chromium and SwiftShader, a GPU in software, which a development dependency carries. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';

/** Whether the package's binaries run here. */
export const chromiumRunsHere = process.platform === 'linux' && process.arch === 'x64';

const PACKAGE = join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/package.json');

/**
 * The folder with the browser, `chromium`, and SwiftShader. They are unpacked once, and appear whole: the package
 * takes for whole whatever has the right name, also what a killed process left.
 */
export async function chromiumFolder(): Promise<string> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const folder = join(tmpdir(), `agewise-chromium-${version}`);
  if (existsSync(folder)) return folder;
  const temporary = await mkdtemp(`${folder}-`);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = temporary;
  try {
    chromium.setGraphicsMode = true;
    await chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  try {
    await rename(temporary, folder);
  } catch (error) {
    // Another process was first.
    await rm(temporary, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
