/** A software GPU for tests: SwiftShader, which a development dependency carries, for ONNX Runtime's WebGPU. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';

/** Whether the package's binaries run here. */
export const swiftshaderRunsHere = process.platform === 'linux' && process.arch === 'x64';

/**
 * Unpacks SwiftShader and returns the environment in which a new process finds it: libraries are looked up when a
 * process starts, so it is of no use to the one that calls this.
 */
export async function swiftshaderEnvironment(): Promise<NodeJS.ProcessEnv> {
  chromium.setGraphicsMode = true;
  await chromium.executablePath();
  const folder = tmpdir();
  const driver = join(folder, 'vk_swiftshader_icd.json');
  if (!existsSync(driver)) throw new Error(`SwiftShader was expected at ${driver} after unpacking`);
  return { ...process.env, LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: driver, XDG_RUNTIME_DIR: folder };
}
