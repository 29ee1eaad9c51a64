/** A software GPU for tests: SwiftShader, which comes with Chromium, for ONNX Runtime's WebGPU. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumFolder, chromiumRunsHere } from './chromium.js';

/** Whether the package's binaries run here. */
export const swiftshaderRunsHere = chromiumRunsHere;

/**
 * Unpacks SwiftShader and returns the environment in which a new process finds it: libraries are looked up when a
 * process starts, so it is of no use to the one that calls this.
 */
export async function swiftshaderEnvironment(): Promise<NodeJS.ProcessEnv> {
  const folder = await chromiumFolder();
  const driver = join(folder, 'vk_swiftshader_icd.json');
  if (!existsSync(driver)) throw new Error(`SwiftShader was expected at ${driver} after unpacking`);
  return { ...process.env, LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: driver, XDG_RUNTIME_DIR: folder };
}
