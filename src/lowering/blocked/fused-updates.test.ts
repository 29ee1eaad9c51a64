import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Model, operatorName, type Value, writeModel } from '../../onnx/index.js';
import { floatData, floatTensor } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { probeBlockSize } from '../../runtime/probe.js';
import { fuseUpdates } from './fused-updates.js';
import type { BlockSize } from './layout/layouts.js';

const [ROWS, COLUMNS] = [6, 32];
const state = [{ input: 'w', output: 'next.w' }];
const numbers = (seed: number) => Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.sin(seed + i));

/** A network that reads w, and an update. */
function step(update: (g: GraphBuilder, w: Value, product: Value) => Value, columns = COLUMNS): Model {
  const g = new GraphBuilder();
  const w = g.input('w', 'float32', [ROWS, columns]);
  g.output(g.op('MatMul', [g.input('x', 'float32', [1, ROWS]), w]), 'y');
  const change = g.input('d', 'float32', [ROWS, columns]);
  g.output(update(g, w, g.op('Mul', [g.input('rate', 'float32', []), change])), 'next.w');
  return g.build();
}
const difference = (g: GraphBuilder, w: Value, product: Value) => g.op('Sub', [w, product]);
const operators = (model: Model) => model.graph.nodes.map(operatorName);

const block = await probeBlockSize();

describe('fuseUpdates', () => {
  it.each([8, 16] as const)('makes w − rate · d one convolution in blocks of %i', (size: BlockSize) => {
    const { model, shapes } = fuseUpdates(step(difference), state, size);
    expect(operators(model)).toContain('com.microsoft.nchwc.Conv');
    expect(operators(model)).not.toContain('Sub');
    expect(operators(model)).not.toContain('Mul');
    expect(shapes).toEqual(new Map([['w', [1, size, ROWS, COLUMNS / size]]]));
  });

  it.skipIf(block === undefined)('computes the same, in the memory of w', async () => {
    const { model, shapes } = fuseUpdates(step(difference), state, block!);
    const session = await createSession(writeModel(model), 'update', { threads: 1 });
    const [w, d] = [numbers(1), numbers(2)];
    const x = floatTensor(new Float32Array(ROWS).fill(1), [1, ROWS]);
    const held = floatTensor(w.slice(), shapes.get('w')!);
    const feeds = {
      w: held,
      x,
      d: floatTensor(d, [ROWS, COLUMNS]),
      rate: floatTensor(Float32Array.of(0.1), []),
    };
    await session.run(feeds, { 'next.w': held });
    [...floatData(held)].forEach((value, i) => {
      expect(value).toBeCloseTo(w[i]! - 0.1 * d[i]!, 6);
    });
    await session.dispose();
  });

  it.each<[string, Model]>([
    ['a sum', step((g, w, product) => g.op('Add', [w, product]))],
    ['a difference the other way round', step((g, w, product) => g.op('Sub', [product, w]))],
    ['columns that fill no blocks', step(difference, 36)],
    [
      'a product that is read elsewhere',
      step((g, w, product) => {
        g.output(g.op('ReduceSum', [product], { keepdims: 0 }), 'total');
        return difference(g, w, product);
      }),
    ],
  ])('leaves %s as it is', (_name, model) => {
    const found = fuseUpdates(model, state, 16);
    expect(found.shapes.size).toBe(0);
    expect(operators(found.model)).toEqual(operators(model));
  });
});
