/** Where the models shipped with the package are (Node only). */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the shipped models, models/. */
export const SHIPPED_FOLDER: string = fileURLToPath(new URL('../../models/', import.meta.url));
export const SHIPPED_EXTENSION = '.onnx';

/** The path of the shipped model `name`, or undefined if there is none. */
export async function shippedModelPath(name: string): Promise<string | undefined> {
  const file = name + SHIPPED_EXTENSION;
  const files = await readdir(SHIPPED_FOLDER);
  return files.includes(file) ? join(SHIPPED_FOLDER, file) : undefined;
}
