import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.js';
import { writeModel } from './codec/index.js';
import { OnnxFormatError } from './errors.js';
import { readModelFile, writeModelFile } from './file.js';
import type { Model } from './graph.js';
import { withMetadata } from './metadata.js';
import { float32Values } from './tensor.js';

function small(): Model {
  const g = new GraphBuilder();
  g.output(g.op('Relu', [g.input('x', 'float32', ['N'])]), 'y');
  return g.build();
}

/** A model whose one weight, by default two float32 numbers, stands in another file. */
function withExternal(location: string, offset: number, length: number, elements = 2): Uint8Array {
  const w = new BinaryWriter();
  const text = (field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value);
  const entry = (key: string, value: string) => {
    w.tag(13, WireType.LengthDelimited).fork();
    text(1, key);
    text(2, value);
    w.join();
  };
  w.raw(writeModel(small())).tag(7, WireType.LengthDelimited).fork().tag(5, WireType.LengthDelimited).fork();
  w.tag(1, WireType.Varint).int64(elements).tag(2, WireType.Varint).int32(1);
  text(8, 'w');
  entry('location', location);
  entry('offset', String(offset));
  entry('length', String(length));
  return w.tag(14, WireType.Varint).int32(1).join().join().finish();
}

describe('model files', () => {
  let folder: string;
  let inner: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agewise-onnx-'));
    inner = mkdtempSync(join(folder, 'model-'));
    writeFileSync(join(folder, 'outside.bin'), new Uint8Array(16));
    writeFileSync(join(inner, 'w.bin'), new Uint8Array(Float32Array.of(9, 1.5, -2).buffer));
    symlinkSync(join(folder, 'outside.bin'), join(inner, 'link.bin'));
    mkdirSync(join(inner, 'folder'));
    execFileSync('mkfifo', [join(inner, 'pipe')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const external = async (location: string, offset = 4, length = 8) => {
    const path = join(inner, 'external.onnx');
    writeFileSync(path, withExternal(location, offset, length));
    return await readModelFile(path);
  };

  it('are written whole and read back, and leave nothing beside them', async () => {
    const path = join(inner, 'a.onnx');
    await writeModelFile(path, small());
    await writeModelFile(path, withMetadata(small(), 'k', 'v'));
    expect(await readModelFile(path)).toEqual(withMetadata(small(), 'k', 'v'));
    expect(withMetadata(await readModelFile(path), 'k', undefined)).toEqual(small());
    expect(readdirSync(inner).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('hold weights in files beside them', async () => {
    const model = await external('w.bin');
    expect([...float32Values(model.graph.initializers.get('w')!)]).toEqual([1.5, -2]);
  });

  it.each<[string, number, number, string]>([
    ['../outside.bin', 0, 8, "External data '../outside.bin' lies outside the model's folder"],
    ['x/../../outside.bin', 0, 8, "lies outside the model's folder"],
    ['/etc/hostname', 0, 8, "External data '/etc/hostname' lies outside the model's folder"],
    ['link.bin', 0, 8, "External data 'link.bin' lies outside the model's folder"],
    ['.', 0, 8, "External data '.' lies outside the model's folder"],
    ['pipe', 0, 8, "External data 'pipe': expected a file, found a pipe"],
    ['folder', 0, 8, "External data 'folder': expected a file, found a folder"],
    ['missing.bin', 0, 8, "External data 'missing.bin': it does not exist"],
    ['w.bin', 8, 8, "External data 'w.bin' has 12 bytes, expected 8 from 8 on"],
    ['w.bin', 0, 12, "Tensor 'w' of type float32 and shape [2] needs 8 bytes, found 12"],
    ['w.bin', 0, 2 ** 40, "Tensor 'w' of type float32 and shape [2] needs 8 bytes, found 1099511627776"],
    ['w.bin', Number.NaN, 8, "External data 'w.bin' has 12 bytes, expected 8 from NaN on"],
    ['w.bin', -4, 8, "External data 'w.bin' has 12 bytes, expected 8 from -4 on"],
    ['w\0.bin', 0, 8, "External data 'w\0.bin'"],
  ])('refuse external data at %s from %i, %i bytes', async (location, offset, length, message) => {
    await expect(external(location, offset, length)).rejects.toThrow(message);
    await expect(external(location, offset, length)).rejects.toThrow(OnnxFormatError);
  });

  it.skipIf(process.platform === 'win32')('refuse external data at a socket', async () => {
    const server = createServer().listen(join(inner, 'socket'));
    await once(server, 'listening');
    await expect(external('socket', 0, 8)).rejects.toThrow("External data 'socket': it is a socket");
    server.close();
  });

  it('refuse external data that no session can take, before they are read', async () => {
    const [path, data] = [join(inner, 'large.onnx'), join(inner, 'large.bin')];
    const bytes = 3 * 2 ** 30;
    writeFileSync(data, '');
    truncateSync(data, bytes);
    writeFileSync(path, withExternal('large.bin', 0, bytes, bytes / 4));
    await expect(readModelFile(path)).rejects.toThrow('must have at most 2 GiB');
  });

  it('that cannot be read or written are named', async () => {
    const missing = join(inner, 'none.onnx');
    await expect(readModelFile(missing)).rejects.toThrow(`${missing}: it does not exist`);
    await expect(readModelFile(inner)).rejects.toThrow(`${inner}: it is a folder`);
    await expect(readModelFile(join(inner, 'pipe'))).rejects.toThrow('it is a pipe');
    const text = join(inner, 'text.onnx');
    writeFileSync(text, 'this is text');
    await expect(readModelFile(text)).rejects.toThrow(`${text}: The bytes are not an ONNX model`);
    const nowhere = join(inner, 'no', 'a.onnx');
    await expect(writeModelFile(nowhere, small())).rejects.toThrow(`${nowhere}: it does not exist`);
  });
});
