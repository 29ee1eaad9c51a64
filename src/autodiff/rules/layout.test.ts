/** Operators that rearrange, repeat, cut, join, pad and pick, against central differences. */
import { describe, expect, it } from 'vitest';
import { gradientError, type Variable } from '../../../test/support/gradcheck.js';
import type { GraphBuilder, Value } from '../../onnx/index.js';
import { tensor } from '../../onnx/index.js';

const fixed: Variable = { dims: [2, 3, 4] };
const open: Variable = { dims: [2, 3, 4], declared: ['N', 3, 4] };
const vague: Variable = { dims: [2, 3, 4], declared: [null, 'M', null] };

const error = (x: Variable, build: (g: GraphBuilder, x: Value) => Value | readonly Value[]) =>
  gradientError({ variables: { x }, build: (g, v) => build(g, v.x) });

describe('gradients of the same elements in another shape', () => {
  const cases: Record<string, (g: GraphBuilder, x: Value) => Value> = {
    'Reshape with an open size': (g, x) => g.reshape(x, [4, -1]),
    'Reshape that keeps sizes': (g, x) => g.reshape(x, [0, -1, 2]),
    Flatten: (g, x) => g.op('Flatten', [x]),
    'Flatten from axis 2': (g, x) => g.op('Flatten', [x], { axis: 2 }),
    'Flatten from axis -1': (g, x) => g.op('Flatten', [x], { axis: -1 }),
    Unsqueeze: (g, x) => g.op('Unsqueeze', [x, g.ints([0, -1])]),
    Squeeze: (g, x) => g.op('Squeeze', [g.op('Unsqueeze', [x, g.ints([1, 3])]), g.ints([-2, 1])]),
    Transpose: (g, x) => g.op('Transpose', [x]),
    'Transpose by a cycle': (g, x) => g.op('Transpose', [x], { perm: [1, 2, 0] }),
    Expand: (g, x) => g.op('Expand', [x, g.ints([5, 1, 1, 4])]),
    Tile: (g, x) => g.op('Tile', [x, g.ints([2, 1, 3])]),
  };
  for (const [name, build] of Object.entries(cases)) {
    it.each([fixed, open, vague])(`${name} of %j`, async (x) => {
      expect(await error(x, (g, v) => g.op('Exp', [build(g, v)]))).toBeLessThan(1);
    });
  }

  it('Expand along axes of size 1', async () => {
    const wide = (g: GraphBuilder, x: Value) => g.op('Expand', [x, g.ints([2, 3, 4])]);
    expect(await error({ dims: [3, 1] }, wide)).toBeLessThan(1);
    expect(await error({ dims: [3, 1], declared: ['A', 'B'] }, wide)).toBeLessThan(1);
  });

  it('SpaceToDepth and DepthToSpace', async () => {
    const images: Variable = { dims: [2, 4, 4, 2], declared: ['N', 4, 4, 2] };
    expect(await error(images, (g, x) => g.op('SpaceToDepth', [x], { blocksize: 2 }))).toBeLessThan(1);
    expect(await error(images, (g, x) => g.op('DepthToSpace', [x], { blocksize: 2 }))).toBeLessThan(1);
  });
});

describe('gradients of joining and parting', () => {
  it.each([0, 1, -1])('Concat along axis %i', async (axis) => {
    const other = [2, 3, 4].with(axis, 2);
    for (const declared of [
      [2, 3, 4],
      ['N', 'M', 'K'],
    ]) {
      const result = await gradientError({
        variables: { a: { dims: [2, 3, 4], declared }, b: { dims: other } },
        build: (g, { a, b }) => g.op('Exp', [g.op('Concat', [a, b, a], { axis })]),
      });
      expect(result).toBeLessThan(1);
    }
  });

  it('Split into equal and unequal parts, of which some are used', async () => {
    for (const x of [fixed, open, vague]) {
      const equal = await error(x, (g, v) => {
        const [first, second] = g.ops('Split', 2, [v], { axis: -1, num_outputs: 2 });
        return g.op('Mul', [first, second]);
      });
      expect(equal).toBeLessThan(1);
      const unequal = await error(x, (g, v) => {
        const [first, , third] = g.ops('Split', 3, [v, g.ints([1, 2, 1])], { axis: 2 });
        return [g.op('Exp', [third]), first];
      });
      expect(unequal).toBeLessThan(1);
    }
  });
});

describe('the gradient of Slice', () => {
  const line: Variable = { dims: [3, 10] };
  it.each([
    [1, 5, 1],
    [-4, -1, 1],
    [0, 10, 3],
    [1, 9, 2],
    [-1, -11, -1],
    [8, 1, -3],
    [20, 0, -2],
    [-20, 20, 4],
    [5, 5, 1],
  ])('from %i to %i in steps of %i', async (start, end, step) => {
    const cut = (g: GraphBuilder, x: Value) =>
      g.op('Exp', [g.op('Slice', [x, g.ints([start]), g.ints([end]), g.ints([-1]), g.ints([step])])]);
    expect(await error(line, cut)).toBeLessThan(1);
    expect(await error({ ...line, declared: ['N', 10] }, cut)).toBeLessThan(1);
  });

  it('along several axes, and along all when none is named', async () => {
    const several = await error(fixed, (g, x) =>
      g.op('Slice', [x, g.ints([3, 1]), g.ints([0, 2]), g.ints([2, 0]), g.ints([-2, 1])]),
    );
    expect(several).toBeLessThan(1);
    const all = await error(fixed, (g, x) => g.op('Slice', [x, g.ints([0, 1]), g.ints([1, 3])]));
    expect(all).toBeLessThan(1);
  });

  it.each([
    [1, 100],
    [-2, 100],
    [0, -1],
    [7, 100],
  ])('along an axis of open size, from %i to %i', async (start, end) => {
    const result = await error({ dims: [5, 2], declared: ['N', 2] }, (g, x) =>
      g.op('Concat', [x, g.op('Slice', [x, g.ints([start]), g.ints([end]), g.ints([0])])], { axis: 0 }),
    );
    expect(result).toBeLessThan(1);
  });
});

describe('the gradient of Pad', () => {
  it.each([[[1, 0, 2, 0, 3, 1]], [[-1, 1, 0, 0, -1, 2]], [[0, 0, 0, 0, 0, 0]], [[0, -1, 0, 0, 0, -2]]])(
    'with a constant, by %j',
    async (pads) => {
      for (const x of [fixed, open, vague]) {
        expect(await error(x, (g, v) => g.op('Exp', [g.op('Pad', [v, g.ints(pads)])]))).toBeLessThan(1);
      }
    },
  );

  it('for the constant itself', async () => {
    const result = await gradientError({
      variables: { x: open, value: { dims: [] } },
      build: (g, { x, value }) => g.op('Exp', [g.op('Pad', [x, g.ints([1, 0, 2, 0, 3, 1]), value])]),
    });
    expect(result).toBeLessThan(1);
  });

  it.each(['reflect', 'edge', 'wrap'])('by %s', async (mode) => {
    const build = (g: GraphBuilder, x: Value) =>
      g.op('Exp', [g.op('Pad', [x, g.ints([1, 2, 1, 0, 1, 3])], { mode })]);
    expect(await error(fixed, build)).toBeLessThan(1);
    const inner = (g: GraphBuilder, x: Value) =>
      g.op('Pad', [x, g.ints([2, 1, 0, 3]), undefined, g.ints([-2, 2])], { mode });
    expect(await error(open, inner)).toBeLessThan(1);
  });
});

describe('the gradient of Gather', () => {
  const indices: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[3], [0, 2, 0]],
    [
      [2, 2],
      [1, -1, 1, 0],
    ],
    [[], [1]],
    [[1], [-2]],
  ];
  for (const axis of [0, 1, -1]) {
    it.each(indices)(`along axis ${axis}, indices of %j: %j`, async (dims, values) => {
      const at = values.map((i) => (axis === 0 && i === 2 ? 1 : i));
      for (const x of [fixed, open, vague]) {
        const result = await error(x, (g, v) =>
          g.op('Exp', [g.op('Gather', [v, g.constant(tensor('', 'int64', dims, at))], { axis })]),
        );
        expect(result).toBeLessThan(1);
      }
    });
  }

  it('GatherElements', async () => {
    const at = tensor('', 'int64', [2, 3, 2], [0, 1, 3, 3, -1, 2, 0, 0, 1, 1, 2, 3]);
    const result = await error(fixed, (g, x) => g.op('GatherElements', [x, g.constant(at)], { axis: -1 }));
    expect(result).toBeLessThan(1);
  });
});
