/** Products of matrices. */
import type { Dim, Shape } from '../graph.js';
import { formatShape, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { broadcast, same, unknownDims } from './dims.js';

function swapLast(shape: Shape): Shape {
  if (shape.length < 2) return shape;
  return [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
}

/** Numpy's matmul: stacks of matrices broadcast, a vector gets an axis that is removed from the result. */
function multiplied(c: ShapeContext, a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.length === 0 || b.length === 0) c.fail('expected a matrix, found a scalar');
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  if (same(left.at(-1)!, right.at(-2)!) === undefined) {
    c.fail(`inner sizes of ${formatShape(a)} and ${formatShape(b)} differ`);
  }
  const stack = broadcast(c, [left.slice(0, -2), right.slice(0, -2)])!;
  const result: Dim[] = [...stack];
  if (a.length > 1) result.push(left.at(-2)!);
  if (b.length > 1) result.push(right.at(-1)!);
  return result;
}

function checkTypes(c: ShapeContext): void {
  const [a, b] = [c.dtype(0), c.dtype(1)];
  if (a !== b && a !== 'undefined' && b !== 'undefined') c.fail(`inputs of types ${a} and ${b} do not mix`);
}

const matMul: Rule = (c) => {
  checkTypes(c);
  return one({ dtype: c.dtype(0), shape: multiplied(c, c.shape(0), c.shape(1)) });
};

const gemm: Rule = (c) => {
  checkTypes(c);
  const a = c.shapeOfRank(0, 2) ?? unknownDims(2);
  const b = c.shapeOfRank(1, 2) ?? unknownDims(2);
  const [rows, inner] = c.int('transA', 0) ? swapLast(a) : a;
  const [inner2, columns] = c.int('transB', 0) ? swapLast(b) : b;
  if (same(inner!, inner2!) === undefined) {
    c.fail(`inner sizes of ${formatShape(a)} and ${formatShape(b)} differ`);
  }
  const shape = [rows!, columns!];
  // The addend broadcasts to the product and never enlarges it.
  const total = c.has(2) ? broadcast(c, [shape, c.shape(2)]) : undefined;
  if (total && (total.length > 2 || total.some((d, i) => same(d, shape[i]!) === undefined))) {
    c.fail(`an addend of ${formatShape(c.shape(2))} does not fit a product of ${formatShape(shape)}`);
  }
  return one({ dtype: c.dtype(0), shape });
};

/** Inputs: a, its scale and zero point, b, its scale and zero point, y's scale and zero point. */
const quantizedMatMul: Rule = (c) => one({ dtype: c.dtype(7), shape: multiplied(c, c.shape(0), c.shape(3)) });

export const matmul: Rules = {
  MatMul: matMul,
  Gemm: gemm,
  MatMulInteger: (c) => one({ dtype: 'int32', shape: multiplied(c, c.shape(0), c.shape(1)) }),
  QLinearMatMul: quantizedMatMul,
};

export const fusedMatMul: Rules = {
  FusedMatMul: (c) => {
    checkTypes(c);
    const [a, b] = [c.shape(0), c.shape(1)];
    if (c.int('transBatchA', 0) || c.int('transBatchB', 0)) {
      return one({ dtype: c.dtype(0), shape: a && unknownDims(a.length) });
    }
    const left = a && c.int('transA', 0) ? swapLast(a) : a;
    const right = b && c.int('transB', 0) ? swapLast(b) : b;
    return one({ dtype: c.dtype(0), shape: multiplied(c, left, right) });
  },
};
