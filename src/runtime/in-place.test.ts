import { describe, expect, it } from 'vitest';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { outputsInPlace } from './in-place.js';
import { createSession } from './node.js';
import { floatData, floatTensor } from './tensor.js';

function twice() {
  const g = new GraphBuilder({ name: 'twice' });
  const x = g.input('x', 'float32', [3]);
  g.output(g.op('Add', [x, x]), 'sum');
  g.output(g.op('Mul', [x, x]), 'square');
  return g.build();
}

const load = (inPlace: boolean) =>
  createSession(writeModel(inPlace ? outputsInPlace(twice()) : twice()), 'twice', { threads: 1 });

describe('outputs in tensors given', () => {
  for (const inPlace of [true, false]) {
    it(`are if the tensors are, ${inPlace ? 'and there alone' : 'in any model'}`, async () => {
      const session = await load(inPlace);
      const [sum, square] = [new Float32Array(3), new Float32Array(3)];
      const x = floatTensor(Float32Array.of(1, 2, 3), [3]);
      const given = { sum: floatTensor(sum, [3]), square: floatTensor(square, [3]) };
      const results = await session.run({ x }, given);
      expect([...sum, ...square]).toEqual([2, 4, 6, 1, 4, 9]);
      expect(results.square!.data).toEqual(square);
      await session.dispose();
    });
  }

  it('are not handed over, so that none is copied', async () => {
    const session = await load(true);
    const x = floatTensor(Float32Array.of(1, 2, 3), [3]);
    // The binding's own words: where they change, outputs are copied again.
    await expect(session.run({ x }, ['agewise.end', 'sum'])).rejects.toThrow(
      'Non tensor type is temporarily not supported.',
    );
    await session.dispose();
  });

  it('may be new ones instead', async () => {
    const session = await load(true);
    const x = floatTensor(Float32Array.of(1, 2, 3), [3]);
    const { sum, square } = await session.run(
      { x },
      { sum: null, square: floatTensor(new Float32Array(3), [3]) },
    );
    expect([...floatData(sum!), ...floatData(square!)]).toEqual([2, 4, 6, 1, 4, 9]);
    await session.dispose();
  });

  it('still let it say what failed', async () => {
    const session = await load(true);
    const x = floatTensor(Float32Array.of(1, 2), [2]);
    const run = session.run({ x }, { sum: floatTensor(new Float32Array(2), [2]) });
    await expect(run).rejects.toThrow(/^Model 'twice' failed: /);
    await session.dispose();
  });
});
