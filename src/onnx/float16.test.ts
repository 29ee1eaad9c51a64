import { describe, expect, it } from 'vitest';
import { execute } from '../../test/support/execute.js';
import { GraphBuilder } from './builder.js';
import { fromFloat16Bits, toFloat16Bits } from './float16.js';
import { float32, tensor } from './tensor.js';

const ALL = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

/** What ONNX Runtime makes of float32 numbers, as the bits of float16. */
async function castByOnnxRuntime(values: Float32Array): Promise<Uint16Array> {
  const g = new GraphBuilder();
  g.output(g.op('Cast', [g.input('x', 'float32', [values.length])], { to: 'float16' }), 'y');
  const { values: found } = (await execute(g.build(), [float32('x', [values.length], values)])).get('y')!;
  // Where the platform has Float16Array, the runtime hands one out; its bytes are the bits either way.
  const view = found as Uint16Array;
  return new Uint16Array(view.buffer, view.byteOffset, view.length);
}

describe('float16', () => {
  it('reads all 65536 bit patterns as ONNX Runtime does', async () => {
    const g = new GraphBuilder();
    g.output(g.op('Cast', [g.input('x', 'float16', [65536])], { to: 'float32' }), 'y');
    const results = await execute(g.build(), [tensor('x', 'float16', [65536], ALL)]);
    expect(Float32Array.from(ALL, fromFloat16Bits)).toEqual(results.get('y')!.values);
  });

  it('writes every number that it reads back to the same bits', () => {
    const wrong = ALL.filter((bits) => !isNaNBits(bits) && toFloat16Bits(fromFloat16Bits(bits)) !== bits);
    expect(wrong).toHaveLength(0);
    expect(isNaNBits(toFloat16Bits(Number.NaN))).toBe(true);
  });

  it('rounds ties to even, and what lies beside a tie to its side', async () => {
    const finite = ALL.filter((bits) => bits < 0x7bff);
    const values = [...finite].flatMap((bits) => {
      // Exact in float32: the midpoint of two neighbours has one more bit than they have.
      const tie = (fromFloat16Bits(bits) + fromFloat16Bits(bits + 1)) / 2;
      return [tie, tie * (1 + 2 ** -23), tie * (1 - 2 ** -23)];
    });
    const f32 = Float32Array.from(values);
    const expected = await castByOnnxRuntime(f32);
    expect(Uint16Array.from(f32, toFloat16Bits)).toEqual(expected);
    expect(toFloat16Bits(1 + 2 ** -11)).toBe(0x3c00);
    expect(toFloat16Bits(1 + 3 * 2 ** -11)).toBe(0x3c02);
  });

  it('rounds a double once, not by way of float32', () => {
    expect(toFloat16Bits(1 + 2 ** -11 + 2 ** -40)).toBe(0x3c01);
    expect(toFloat16Bits(-1 - 2 ** -11 - 2 ** -40)).toBe(0xbc01);
    expect(toFloat16Bits(1 + 3 * 2 ** -11 - 2 ** -40)).toBe(0x3c01);
    expect(toFloat16Bits(2 ** -25 + 2 ** -60)).toBe(1);
  });

  it('goes to infinity from 65520 on, and to zero below half of the smallest number', () => {
    expect([65504, 65519.99, 65520, 1e9, Number.POSITIVE_INFINITY].map(toFloat16Bits)).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00,
    ]);
    expect([2 ** -24, 2 ** -25, -(2 ** -25), -0, 1e-300].map(toFloat16Bits)).toEqual([
      1, 0, 0x8000, 0x8000, 0,
    ]);
  });
});
