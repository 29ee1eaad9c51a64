/** Operators that make tensors from attributes, sizes or chance. */
import type { DataType, Dim, Shape, Tensor } from '../graph.js';
import { elementCount, float32Values, tensorValues } from '../tensor.js';
import { type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { asDim, product, staticCount, unknownDims, VALUE_LIMIT } from './dims.js';
import { dataTypeAttribute } from './elementwise.js';

/** What is known about a constant: its type, and its elements if they are few numbers. */
export function knownTensor(t: Tensor): Known {
  const type = { dtype: t.dtype, shape: t.dims };
  if (elementCount(t.dims) > VALUE_LIMIT || !/^(u?int(8|16|32|64)|float(16|32|64)|bool)$/.test(t.dtype))
    return type;
  const values = t.dtype === 'float16' ? float32Values(t) : tensorValues(t);
  return { ...type, elements: Array.from(values as ArrayLike<number | bigint>, Number) };
}

const constant: Rule = (c) => {
  const tensor = c.tensor('value');
  if (tensor !== undefined) return [knownTensor(tensor)];
  for (const [name, attribute] of c.node.attributes) {
    switch (name) {
      case 'value_int':
        return one({ dtype: 'int64', shape: [] }, [c.int(name, 0)]);
      case 'value_ints':
        return one({ dtype: 'int64', shape: [c.ints(name)!.length] }, c.ints(name));
      case 'value_float':
        return one(
          { dtype: 'float32', shape: [] },
          attribute.kind === 'float' ? [attribute.value] : undefined,
        );
      case 'value_floats':
        return one({ dtype: 'float32', shape: [c.floats(name)!.length] }, c.floats(name));
      case 'value_string':
        return one({ dtype: 'string', shape: [] });
      case 'value_strings':
        return one({
          dtype: 'string',
          shape: attribute.kind === 'strings' ? [attribute.value.length] : [null],
        });
    }
  }
  return [undefined];
};

/** The shape given by the elements of input `i`. */
function shapeFrom(c: ShapeContext, i: number): Shape | undefined {
  const value = c.elements(i);
  if (value !== undefined) return value.map(asDim);
  const rank = c.shape(i)?.[0];
  return typeof rank === 'number' ? unknownDims(rank) : undefined;
}

const constantOfShape: Rule = (c) => {
  const fill = c.tensor('value');
  const shape = shapeFrom(c, 0);
  const element = fill ? knownTensor(fill).elements?.[0] : 0;
  const count = staticCount(shape);
  const value =
    count !== undefined && count <= VALUE_LIMIT && element !== undefined
      ? new Array<Dim>(count).fill(element)
      : undefined;
  return one({ dtype: fill?.dtype ?? 'float32', shape }, value);
};

/** Since opset 15 a part of the shape can be selected; start and end are clamped. */
const shapeOf: Rule = (c) => {
  const x = c.shape(0);
  if (x === undefined) return one({ dtype: 'int64', shape: [null] });
  const clamp = (n: number) => Math.min(Math.max(n < 0 ? n + x.length : n, 0), x.length);
  const value = x.slice(clamp(c.int('start', 0)), clamp(c.int('end', x.length))).map(asDim);
  return one({ dtype: 'int64', shape: [value.length] }, value);
};

const size: Rule = (c) => {
  const x = c.shape(0);
  return one({ dtype: 'int64', shape: [] }, x ? [product(x)] : undefined);
};

const range: Rule = (c) => {
  const [start, limit, delta] = [c.elements(0)?.[0], c.elements(1)?.[0], c.elements(2)?.[0]];
  const dtype = c.dtype(0);
  if (start === 0 && delta === 1 && typeof limit === 'string') return one({ dtype, shape: [limit] });
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number' || delta === 0) {
    return one({ dtype, shape: [null] });
  }
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  const value = count <= VALUE_LIMIT ? Array.from({ length: count }, (_, i) => start + i * delta) : undefined;
  return one({ dtype, shape: [count] }, dtype.startsWith('float') ? undefined : value);
};

const random: Rule = (c) => one({ dtype: dataTypeAttribute(c, 'dtype', 'float32'), shape: c.ints('shape') });

const randomLike =
  (fallback?: DataType): Rule =>
  (c) => {
    const own = c.node.attributes.has('dtype') ? dataTypeAttribute(c, 'dtype', 'float32') : undefined;
    return one({ dtype: own ?? fallback ?? c.dtype(0), shape: c.shape(0) });
  };

export const creation: Rules = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shapeOf,
  Size: size,
  Range: range,
  RandomUniform: random,
  RandomNormal: random,
  RandomUniformLike: randomLike(),
  RandomNormalLike: randomLike(),
  Bernoulli: randomLike(),
  EyeLike: randomLike(),
  Multinomial: (c) =>
    one({
      dtype: dataTypeAttribute(c, 'dtype', 'int32'),
      shape: [c.shape(0)?.[0] ?? null, c.int('sample_size', 1)],
    }),
};
