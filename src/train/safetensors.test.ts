import { describe, expect, it } from 'vitest';
import { float32, type Tensor, tensorValues } from '../onnx/index.js';
import { readSafetensors, SafetensorsError, safetensorsParts, writeSafetensors } from './safetensors.js';

const bits = (t: Tensor) => Array.from(new Uint32Array((tensorValues(t) as Float32Array).slice().buffer));

/** A file by the format's own description: the header's length in 8 bytes, the header, the data. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Uint8Array.from(Buffer.concat([length, text, Buffer.from(data)]));
}

describe('safetensors', () => {
  const tensors = [
    float32('a', [2, 3], [1, -2, 3.5, 0, Number.NaN, 6]),
    float32('empty', [0], []),
    float32('s', [], [7]),
  ];

  it('returns what it was given, to the bit', () => {
    const { tensors: read, metadata } = readSafetensors(writeSafetensors(tensors, { note: 'ä' }));
    expect(metadata).toEqual({ note: 'ä' });
    expect([...read.keys()]).toEqual(['a', 'empty', 's']);
    for (const t of tensors) {
      expect(read.get(t.name)!.dims).toEqual(t.dims);
      expect(bits(read.get(t.name)!)).toEqual(bits(t));
    }
  });

  it('is laid out as the format says', () => {
    const bytes = writeSafetensors([float32('w', [2], [1, 2])]);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
    expect(new DataView(bytes.buffer).getFloat32(8 + length + 4, true)).toBe(2);
    expect(bytes.length).toBe(8 + length + 8);
  });

  it('refuses a file that is cut off anywhere, in one sentence', () => {
    const bytes = writeSafetensors(tensors);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.slice(0, length))).toThrow(/header|needs \d+ bytes/);
    }
  });

  it('reads what others write: entries in any order, types of any size', () => {
    const { tensors: read } = readSafetensors(
      file(
        {
          second: { dtype: 'I16', shape: [2], data_offsets: [8, 12] },
          first: { dtype: 'I64', shape: [1, 1], data_offsets: [0, 8] },
        },
        [254, 255, 255, 255, 255, 255, 255, 255, 1, 0, 255, 127],
      ),
    );
    expect([...tensorValues(read.get('first')!)]).toEqual([-2n]);
    expect([...tensorValues(read.get('second')!)]).toEqual([1, 32767]);
    expect(read.get('first')!.dims).toEqual([1, 1]);
  });

  it('aligns the data to 8 bytes, and is made of the tensors’ own bytes', () => {
    const [header, ...parts] = safetensorsParts(tensors);
    expect(header!.length % 8).toBe(0);
    expect(parts).toEqual(tensors.map(({ data }) => data));
    expect(parts[0]).toBe(tensors[0]!.data);
  });

  const at = (offsets: unknown, more = {}) => ({
    w: { dtype: 'F32', shape: [1], data_offsets: offsets, ...more },
  });
  it.each([
    ['a header that is no JSON', '{"w"', /^The header is not JSON: /],
    ['a header that is no mapping', 'null', /^The header: invalid: .*record/],
    ['an entry that is none', { w: 5 }, /^The header's entry of tensor 'w': invalid: .*object/],
    ['an entry without its place', at(undefined), /tensor 'w': invalid at 'data_offsets'/],
    ['a negative size', at([0, 4], { shape: [-1] }), /tensor 'w': invalid at 'shape\.0'/],
    ['metadata that are no text', { __metadata__: { step: 1 } }, /'__metadata__': invalid at 'step'/],
    ['a place beyond the file', at([4, 8]), "Tensor 'w' of shape [1] needs 4 bytes, found 0"],
    ['a place of another size', at([0, 2]), "Tensor 'w' of shape [1] needs 4 bytes, found 2"],
    ['a type that ONNX lacks', at([0, 4], { dtype: 'C64' }), "Tensor 'w' is C64, one of F32, F16"],
  ])('refuses %s', (_, header, message) => {
    const read = () => readSafetensors(file(header, [0, 0, 0, 0]));
    expect(read).toThrow(SafetensorsError);
    expect(read).toThrow(message);
  });

  it('holds no text', () => {
    const text = { ...float32('words', [0], []), dtype: 'string' } as Tensor;
    expect(() => writeSafetensors([text])).toThrow(TypeError);
  });
});
