import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMetadata, withDocument } from '../metadata/index.js';
import { readModelFile } from '../onnx/file.js';
import { fixedBatch, type Model, rename } from '../onnx/index.js';
import { ModelFileError } from './error.js';
import { shippedModelPath } from './shipped-path.js';
import { addToTriton, tritonConfig } from './triton.js';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures');

/** Debian's protobuf-compiler reads the text by the schema, and writes it in its own way; scripts/debian.sh installs it. */
function byProtoc(config: string): string {
  const run = (mode: string, input: string | Buffer) =>
    execFileSync(
      'protoc',
      [`--${mode}=inference.ModelConfig`, `--proto_path=${FIXTURES}`, 'triton-model-config.proto'],
      {
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
  return String(run('decode', run('encode', config)));
}

function hasProtoc(): boolean {
  try {
    execFileSync('protoc', ['--version']);
    return true;
  } catch {
    return false;
  }
}
const PROTOC = hasProtoc();
if (!PROTOC)
  console.log(
    'protoc is not installed: what it says of config.pbtxt is skipped (scripts/debian.sh protobuf-compiler)',
  );

let repository: string;
let model: Model;
/** The width and height of its pictures. */
let side: number;
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'agewise-triton-'));
  model = await readModelFile((await shippedModelPath('agewise-base'))!);
  side = readMetadata(model, 'agewise-base').input.width;
});
afterEach(() => rm(repository, { recursive: true }));

describe('a repository for Triton', () => {
  it('has a folder for the model, with a configuration and a folder for each version', async () => {
    expect(await addToTriton(join(repository, 'new'), model, 'x')).toEqual({
      name: 'agewise-base',
      version: 1,
      folder: join(repository, 'new/agewise-base'),
    });
    const { folder } = await addToTriton(join(repository, 'new'), model, 'x');
    await mkdir(join(folder, '41'));
    expect((await addToTriton(join(repository, 'new'), model, 'x')).version).toBe(42);
    expect((await readdir(folder)).sort()).toEqual(['1', '2', '41', '42', 'config.pbtxt']);
    expect(await readdir(join(folder, '42'))).toEqual(['model.onnx']);
    const written = await readModelFile(join(folder, '2/model.onnx'));
    expect(readMetadata(written, 'x')).toEqual(readMetadata(model, 'x'));
  });

  it('keeps a configuration that somebody has tuned, as long as its tensors are those of the model', async () => {
    const { folder } = await addToTriton(repository, model, 'x');
    const path = join(folder, 'config.pbtxt');
    const tuned = `${await readFile(path, 'utf8')}instance_group { count: 2 kind: KIND_CPU }\n`;
    await writeFile(path, tuned);
    await addToTriton(repository, model, 'x');
    expect(await readFile(path, 'utf8')).toBe(tuned);
    await writeFile(path, tuned.replaceAll(`${side}`, '160'));
    await expect(addToTriton(repository, model, 'x')).rejects.toThrow(
      `${path}: expected the tensors of this model, since the versions of a model share them, found others`,
    );
    expect((await readdir(folder)).sort()).toEqual(['1', '2', 'config.pbtxt']);
  });

  it('says in a sentence why it cannot be written', async () => {
    await writeFile(join(repository, 'a-file'), '');
    await expect(addToTriton(join(repository, 'a-file'), model, 'x')).rejects.toBeInstanceOf(ModelFileError);
  });

  it.skipIf(!PROTOC)('is configured as protoc reads it by the schema of Triton', () => {
    expect(byProtoc(tritonConfig(model, 'agewise-base').text)).toBe(`name: "agewise-base"
version_policy {
  all {
  }
}
max_batch_size: 64
input {
  name: "image"
  data_type: TYPE_FP32
  dims: 3
  dims: ${side}
  dims: ${side}
}
output {
  name: "age"
  data_type: TYPE_FP32
  dims: 101
}
output {
  name: "gender"
  data_type: TYPE_FP32
  dims: 2
}
dynamic_batching {
}
backend: "onnxruntime"
`);
  });

  it.skipIf(!PROTOC)(
    'is configured without batches for a model of a fixed number of faces, whatever names it has',
    () => {
      const odd = 'a "b\\c\nd';
      const fixed = rename(fixedBatch(model, 1), { image: odd });
      const { text } = tritonConfig(fixed, 'agewise-base');
      const read = byProtoc(text);
      expect(read).toContain('name: "a \\"b\\\\c\\nd"\n  data_type: TYPE_FP32\n  dims: 1\n  dims: 3\n');
      // Zero, the default, is not written.
      expect(read).not.toMatch(/max_batch_size|dynamic_batching/);
    },
  );

  it.skipIf(!PROTOC)('would not be read with an unknown field, or a wrong number of quotes', () => {
    const { text } = tritonConfig(model, 'agewise-base');
    expect(() => byProtoc(text.replace('backend', 'backen'))).toThrow();
    expect(() => byProtoc(text.replace('"image"', '"image'))).toThrow();
  });

  it('takes its name from the metadata, in letters that are safe in a path', async () => {
    const { calibration: _, ...metadata } = JSON.parse(model.metadata.get('agewise')!);
    const named = withDocument(model, { ...metadata, name: '../a name/of: mine' });
    const { name, folder } = await addToTriton(repository, named, 'x');
    expect([name, folder]).toEqual(['..-a-name-of--mine', join(repository, '..-a-name-of--mine')]);
  });
});
