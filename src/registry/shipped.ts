/** The models shipped with the package, in models/ (Node only). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelMetadata } from '../metadata/index.js';
import { SHIPPED_EXTENSION, SHIPPED_FOLDER } from './shipped-path.js';

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
  const files = (await readdir(SHIPPED_FOLDER)).filter((file) => file.endsWith(SHIPPED_EXTENSION)).sort();
  // Loaded only if needed: estimating with a model of the cache takes neither.
  const [{ METADATA_KEY, readMetadata }, { readModel }] = await Promise.all([
    import('../metadata/index.js'),
    import('../onnx/index.js'),
  ]);
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -SHIPPED_EXTENSION.length);
      const bytes = await readFile(join(SHIPPED_FOLDER, file));
      const model = readModel(bytes);
      const metadata = model.metadata.has(METADATA_KEY) ? readMetadata(model, name) : undefined;
      const card = join(SHIPPED_FOLDER, `${name}.md`);
      return { name, bytes: bytes.length, card, metadata };
    }),
  );
}
