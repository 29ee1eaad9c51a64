/**
 * Models in a repository that NVIDIA's Triton serves: a folder for each model, in it `config.pbtxt` and a folder for each
 * version. Specifications: docs/user_guide/model_repository.md of triton-inference-server/server, and
 * protobuf/model_config.proto of triton-inference-server/common.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, makeFolders, PartialFolder, reasonOf, writeWholeFile } from '../files/index.js';
import { type NetworkTensor, networkTensors, readMetadata } from '../metadata/index.js';
import { writeModelFile } from '../onnx/file.js';
import type { Model } from '../onnx/index.js';
import { ModelFileError } from './error.js';

/** The most faces that Triton puts into one run, from all requests together. */
const MOST_FACES = 64;
const CONFIG = 'config.pbtxt';
const MODEL = 'model.onnx';

export interface TritonVersion {
  readonly name: string;
  readonly version: number;
  /** The folder of the model, which holds its versions. */
  readonly folder: string;
}

/**
 * Adds a model to a repository, under the name in its metadata: as version 1, or the one after the highest there. A
 * configuration that is there already stays as it is, since its owner may have tuned it.
 * @throws ModelFileError if it cannot be written, or the versions there have other tensors; MetadataError if the model has no
 * metadata
 */
export async function addToTriton(repository: string, model: Model, name: string): Promise<TritonVersion> {
  const metadata = readMetadata(model, name);
  const called = metadata.name.replace(/[^\w.-]/g, '-');
  const folder = join(repository, called);
  try {
    const config = tritonConfig(model, called);
    const there = await readIfThere(join(folder, CONFIG));
    if (there !== undefined && !config.tensors.every((tensor) => there.includes(tensor))) {
      throw new ModelFileError({
        subject: join(folder, CONFIG),
        expected: 'the tensors of this model, since the versions of a model share them',
        found: 'others',
      });
    }
    await makeFolders(folder);
    const versions = (await readdir(folder)).filter((entry) => /^\d{1,9}$/.test(entry)).map(Number);
    const version = Math.max(0, ...versions) + 1;
    const partial = await PartialFolder.create(join(folder, String(version)));
    try {
      await writeModelFile(join(partial.path, MODEL), model);
      if (there === undefined) await writeWholeFile(join(folder, CONFIG), config.text);
      await partial.commit();
    } catch (error) {
      await partial.discard();
      throw error;
    }
    return { name: called, version, folder };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined || error instanceof ModelFileError) throw error;
    const problem = `it cannot be written: ${reasonOf(error)}`;
    throw new ModelFileError({ subject: folder, problem }, { cause: error, kind: 'failed' });
  }
}

/**
 * A model's configuration in protobuf's text format.
 * @returns the text, and the part of it for each tensor
 */
export function tritonConfig(
  model: Model,
  name: string,
): { readonly text: string; readonly tensors: readonly string[] } {
  const { image, age, gender } = networkTensors(model, readMetadata(model, name));
  const batched = image.shape[0] === -1;
  const block = (kind: 'input' | 'output', tensor: NetworkTensor) =>
    `${kind} {\n  name: ${quoted(tensor.name)}\n  data_type: TYPE_FP32\n` +
    // Where Triton makes batches, their side is not written.
    `  dims: [ ${(batched ? tensor.shape.slice(1) : tensor.shape).join(', ')} ]\n}\n`;
  const tensors = [
    block('input', image),
    ...[age, gender].flatMap((output) => (output ? [block('output', output)] : [])),
  ];
  const text =
    `name: ${quoted(name)}\nbackend: "onnxruntime"\n` +
    `max_batch_size: ${batched ? MOST_FACES : 0}\n${tensors.join('')}` +
    `version_policy { all { } }\n${batched ? 'dynamic_batching { }\n' : ''}`;
  return { text, tensors };
}

/** Protobuf's text format has C's escapes; names of tensors may hold anything. */
const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, (letter) => `\\${octal(letter)}`)}"`;

const octal = (letter: string) => letter.charCodeAt(0).toString(8).padStart(3, '0');

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
