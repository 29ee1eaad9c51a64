import type { GradientRule, GradientRules } from '../context.js';
import { reshapeLike, reshapeTo, type Size, sumOver, sumTo } from '../shaping.js';

/** The same elements in the same order. */
const reshaped: GradientRule = (c) => [reshapeLike(c.g, c.dy, c.input(0))];

const transpose: GradientRule = (c) => {
  const rank = c.rank(0);
  const perm = c.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return [c.g.op('Transpose', [c.dy], { perm: inverse })];
};

const expand: GradientRule = (c) => [sumTo(c.g, c.dy, c.output().shape, c.input(0))];

/** Each axis is seen as repeats times size; the repeats are summed. */
const tile: GradientRule = (c) => {
  const { g } = c;
  const x = c.input(0);
  const repeats = c.numbers(1) ?? c.fail('the repeats are not known');
  const sizes: Size[] = [];
  const summed: number[] = [];
  repeats.forEach((repeat, axis) => {
    if (repeat !== 1) {
      summed.push(sizes.length);
      sizes.push(repeat);
    }
    sizes.push([x, axis]);
  });
  return [sumOver(g, reshapeTo(g, c.dy, sizes), summed, false)];
};

const depthToSpace: GradientRule = (c) => {
  const blocksize = c.int('blocksize', 1);
  if (c.string('mode', 'DCR') !== 'DCR') c.fail("mode 'CRD' is not supported");
  return [c.g.op('SpaceToDepth', [c.dy], { blocksize })];
};

const spaceToDepth: GradientRule = (c) => [
  c.g.op('DepthToSpace', [c.dy], { blocksize: c.int('blocksize', 1) }),
];

export const layout: GradientRules = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
