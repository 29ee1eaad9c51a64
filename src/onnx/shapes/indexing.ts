/** Operators that pick or place elements by index. */
import type { Dim } from '../graph.js';
import { formatShape, one, type Rule, type Rules } from './context.js';
import { asDim, same, staticCount, VALUE_LIMIT } from './dims.js';

const gather: Rule = (c) => {
  const [x, indices] = [c.shape(0), c.shape(1)];
  const dtype = c.dtype(0);
  if (x === undefined || indices === undefined) return one({ dtype, shape: undefined });
  const axis = c.axis(c.int('axis', 0), x.length);
  const shape = [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];
  const [value, at, size] = [c.elements(0), c.numbers(1), x[axis]!];
  if (at !== undefined && typeof size === 'number') {
    const outside = at.find((i) => i < -size || i >= size);
    if (outside !== undefined) c.fail(`index ${outside} is outside axis ${axis} of ${formatShape(x)}`);
  }
  const count = staticCount(shape);
  if (value === undefined || at === undefined || count === undefined || count > VALUE_LIMIT) {
    return one({ dtype, shape });
  }
  const inner = staticCount(x.slice(axis + 1))!;
  const outer = staticCount(x.slice(0, axis))!;
  const length = size as number;
  const picked: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const i of at) {
      const from = (o * length + (i < 0 ? i + length : i)) * inner;
      picked.push(...value.slice(from, from + inner));
    }
  }
  return one({ dtype, shape }, picked);
};

const gatherND: Rule = (c) => {
  const [x, indices] = [c.shape(0), c.shape(1)];
  const dtype = c.dtype(0);
  const depth = indices?.at(-1);
  if (x === undefined || indices === undefined || typeof depth !== 'number')
    return one({ dtype, shape: undefined });
  const batch = c.int('batch_dims', 0);
  if (batch + depth > x.length) {
    c.fail(`indices of ${depth} numbers are too long for ${formatShape(x)} after ${batch} batch axes`);
  }
  return one({ dtype, shape: [...indices.slice(0, -1), ...x.slice(batch + depth)] });
};

const gatherElements: Rule = (c) => {
  const [x, indices] = [c.shape(0), c.shape(1)];
  if (x && indices && x.length !== indices.length) {
    c.fail(`indices of ${formatShape(indices)} do not fit data of ${formatShape(x)}`);
  }
  return one({ dtype: c.dtype(0), shape: indices });
};

const like: Rule = (c) => one({ dtype: c.dtype(0), shape: c.shape(0) });

const scatterElements: Rule = (c) => {
  const [x, indices, updates] = [c.shape(0), c.shape(1), c.shape(2)];
  if (x && indices && x.length !== indices.length) {
    c.fail(`indices of ${formatShape(indices)} do not fit data of ${formatShape(x)}`);
  }
  if (indices && updates && indices.some((d, i) => same(d, updates[i] ?? null) === undefined)) {
    c.fail(`updates of ${formatShape(updates)} do not fit indices of ${formatShape(indices)}`);
  }
  return like(c);
};

/** Inputs: indices, depth, the values for "off" and "on". */
const oneHot: Rule = (c) => {
  const indices = c.shape(0);
  const dtype = c.dtype(2);
  if (indices === undefined) return one({ dtype, shape: undefined });
  const axis = c.axis(c.int('axis', -1), indices.length + 1);
  return one({ dtype, shape: indices.toSpliced(axis, 0, asDim(c.elements(1)?.[0])) });
};

/** A column for each nonzero element, whose number depends on the data. Runtimes disagree on the rows for a scalar. */
const nonZero: Rule = (c) => {
  const x = c.shape(0);
  return one({ dtype: 'int64', shape: [x?.length || null, null] });
};

const compress: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  if (!c.node.attributes.has('axis')) return one({ dtype, shape: [null] });
  return one({ dtype, shape: x?.with(c.axis(c.int('axis', 0), x.length), null) });
};

export const indexing: Rules = {
  Gather: gather,
  GatherND: gatherND,
  GatherElements: gatherElements,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: like,
  OneHot: oneHot,
  NonZero: nonZero,
  Compress: compress,
};
