import { describe, expect, it } from 'vitest';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { outputsInPlace } from './in-place.js';
import { floatTensor, Session } from './session.js';

function twice() {
  const g = new GraphBuilder({ name: 'twice' });
  const x = g.input('x', 'float32', [3]);
  g.output(g.op('Add', [x, x]), 'sum');
  g.output(g.op('Mul', [x, x]), 'square');
  return g.build();
}

const load = (inPlace: boolean) =>
  Session.create(writeModel(inPlace ? outputsInPlace(twice()) : twice()), 'twice', { threads: 1 });

describe('runInto', () => {
  for (const inPlace of [true, false]) {
    it(`leaves outputs in the tensors given, ${inPlace ? 'and there alone' : 'in any model'}`, async () => {
      const session = await load(inPlace);
      const [sum, square] = [new Float32Array(3), new Float32Array(3)];
      const x = floatTensor(Float32Array.of(1, 2, 3), [3]);
      await session.runInto({ x }, { sum: floatTensor(sum, [3]), square: floatTensor(square, [3]) });
      expect([...sum, ...square]).toEqual([2, 4, 6, 1, 4, 9]);
      await session.dispose();
    });
  }

  it('ends where outputs are handed over, so that none is copied', async () => {
    const session = await load(true);
    const x = floatTensor(Float32Array.of(1, 2, 3), [3]);
    // The binding's own words: where they change, `runInto` has to be looked at again.
    await expect(session.run({ x })).rejects.toThrow('Non tensor type is temporarily not supported.');
    await session.dispose();
  });

  it('still says what failed', async () => {
    const session = await load(true);
    const x = floatTensor(Float32Array.of(1, 2), [2]);
    const run = session.runInto({ x }, { sum: floatTensor(new Float32Array(2), [2]) });
    await expect(run).rejects.toThrow(/^Model 'twice' failed: /);
    await session.dispose();
  });
});
