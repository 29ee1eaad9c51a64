/** Networks in files of others as graphs. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { readModelFile } from '../../onnx/file.js';
import { importTfjs } from '../../onnx/import/index.js';
import type { Model, Shape } from '../../onnx/index.js';
import { naming, WeightsError } from './error.js';
import type { KnownInput } from './preprocessing.js';

/**
 * The graph of an `.onnx` file, or of a TensorFlow.js graph model's `model.json` with the weights beside it.
 * @param input gives picture sizes that a TensorFlow.js model leaves open
 * @throws WeightsError, naming the file, if it cannot be read.
 */
export async function readNetwork(path: string, input: KnownInput): Promise<Model> {
  if (path.endsWith('.json')) return readTfjs(path, input);
  try {
    return await readModelFile(path);
  } catch (error) {
    throw new WeightsError((error as Error).message, { cause: error });
  }
}

interface ModelJson {
  readonly format?: string;
  readonly modelTopology?: { readonly node?: readonly NodeJson[] };
  readonly weightsManifest?: readonly { readonly paths?: readonly string[] }[];
}

interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly attr?: Readonly<
    Record<string, { readonly shape?: { readonly unknownRank?: boolean; readonly dim?: readonly unknown[] } }>
  >;
}

async function readTfjs(path: string, input: KnownInput): Promise<Model> {
  const json = await readJson(path);
  if (json.format === 'layers-model') {
    throw new WeightsError(
      `${path}: expected a TensorFlow.js graph model, found a layers model; tensorflowjs_converter makes the one of the other`,
    );
  }
  const folder = dirname(path);
  const parts: Buffer[] = [];
  for (const name of json.weightsManifest?.flatMap((group) => group.paths ?? []) ?? []) {
    const file = resolve(folder, name);
    if (!file.startsWith(resolve(folder) + sep)) {
      throw new WeightsError(`${path}: its weights '${name}' lie outside its folder`);
    }
    const bytes = await readFile(file).catch((error: Error) => {
      throw new WeightsError(
        `${join(folder, name)}: expected the weights of ${path}, found ${error.message}`,
      );
    });
    parts.push(bytes);
  }
  const inputShapes = pictureShapes(json, input);
  return naming(path, () => importTfjs(json, Buffer.concat(parts), { inputShapes }));
}

async function readJson(path: string): Promise<ModelJson> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ModelJson;
  } catch (error) {
    throw new WeightsError(
      `${path}: expected the JSON of a TensorFlow.js model, found ${(error as Error).message}`,
    );
  }
}

/** Placeholders that are, or may be, pictures get the known sizes. */
function pictureShapes(json: ModelJson, { height, width }: KnownInput): Record<string, Shape> {
  if (height === undefined || width === undefined) return {};
  const nodes = Array.isArray(json.modelTopology?.node) ? json.modelTopology.node : [];
  const open = nodes.filter(({ op, attr }) => {
    const shape = attr?.shape?.shape;
    return op === 'Placeholder' && (shape === undefined || shape.unknownRank || shape.dim?.length === 4);
  });
  return Object.fromEntries(open.map(({ name }) => [name, ['N', 3, height, width]]));
}
