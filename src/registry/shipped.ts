/** The models shipped with the package, in models/, by name (Node only). */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { METADATA_KEY, type ModelMetadata, readMetadata } from '../metadata/index.js';
import { readModel } from '../onnx/index.js';

const FOLDER = new URL('../../models/', import.meta.url);
const EXTENSION = '.onnx';

/** The path of the shipped model `name`, or undefined if there is none. */
export async function shippedModelPath(name: string): Promise<string | undefined> {
  const files = await readdir(FOLDER);
  return files.includes(name + EXTENSION) ? fileURLToPath(new URL(name + EXTENSION, FOLDER)) : undefined;
}

export interface ShippedModel {
  readonly name: string;
  /** The size of its file in bytes. */
  readonly bytes: number;
  /** The path of its card: source, licence, training data, results, limits. */
  readonly card: string;
  /** Undefined for the face detector. */
  readonly metadata: ModelMetadata | undefined;
}

/** All shipped models with their metadata. */
export async function shippedModels(): Promise<ShippedModel[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(EXTENSION)).sort();
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -EXTENSION.length);
      const bytes = await readFile(new URL(file, FOLDER));
      const model = readModel(bytes);
      const metadata = model.metadata.has(METADATA_KEY) ? readMetadata(model, name) : undefined;
      return { name, bytes: bytes.length, card: fileURLToPath(new URL(`${name}.md`, FOLDER)), metadata };
    }),
  );
}
