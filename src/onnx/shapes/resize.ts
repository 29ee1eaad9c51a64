/** Resize and its forerunner Upsample. */
import type { Dim, Shape } from '../graph.js';
import { formatShape, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { asDim, unknownDims } from './dims.js';

function scaled(c: ShapeContext, x: Shape, axes: readonly number[], scales: readonly Dim[]): Shape {
  if (scales.length !== axes.length) {
    c.fail(`scales ${formatShape(scales)} do not fit ${axes.length} axes of ${formatShape(x)}`);
  }
  const shape: Dim[] = [...x];
  axes.forEach((axis, i) => {
    const [size, scale] = [x[axis]!, scales[i]!];
    if (scale === 1) return;
    // The scale is a float32 and the product is rounded to float32, so that 3 · 1/3 gives the same as in a run.
    shape[axis] =
      typeof size === 'number' && typeof scale === 'number'
        ? Math.floor(Math.fround(size * Math.fround(scale)))
        : null;
  });
  return shape;
}

/** `sizes` as bounds that keep the aspect ratio (opset 18). */
function proportional(x: Shape, axes: readonly number[], sizes: readonly Dim[], larger: boolean): Shape {
  const shape: Dim[] = [...x];
  const ratios = axes.map((axis, i) => {
    const [from, to] = [x[axis]!, sizes[i]!];
    return typeof from === 'number' && typeof to === 'number' ? Math.fround(to / from) : undefined;
  });
  const known = ratios.every((r) => r !== undefined);
  const scale = known ? (larger ? Math.max(...ratios) : Math.min(...ratios)) : Number.NaN;
  for (const axis of axes) shape[axis] = known ? Math.round(Math.fround(scale * (x[axis] as number))) : null;
  return shape;
}

const resize: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  if (x === undefined) return one({ dtype, shape: undefined });
  const axes = c.ints('axes')?.map((a) => c.axis(a, x.length)) ?? x.map((_, i) => i);
  const untouched = x.map((d, i): Dim => (axes.includes(i) ? null : d));
  // Inputs: x, scales (opset 10); x, roi, scales, sizes (since 11).
  const scalesAt = c.opset < 11 ? 1 : 2;
  const empty = c.shape(scalesAt)?.[0] === 0;
  if (c.opset >= 11 && c.has(3)) {
    const sizes = c.elements(3);
    if (sizes === undefined) return one({ dtype, shape: untouched });
    if (sizes.length !== axes.length) {
      c.fail(`sizes ${formatShape(sizes)} do not fit ${axes.length} axes of ${formatShape(x)}`);
    }
    const policy = c.string('keep_aspect_ratio_policy', 'stretch');
    if (policy !== 'stretch')
      return one({ dtype, shape: proportional(x, axes, sizes, policy === 'not_smaller') });
    const shape: Dim[] = [...x];
    axes.forEach((axis, i) => {
      shape[axis] = asDim(sizes[i]);
    });
    return one({ dtype, shape });
  }
  const scales = empty ? undefined : c.elements(scalesAt);
  const cropped = c.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  if (scales === undefined || cropped) return one({ dtype, shape: untouched });
  return one({ dtype, shape: scaled(c, x, axes, scales) });
};

/** Scales are an attribute before opset 9, then input 1. */
const upsample: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  const scales = c.opset < 9 ? c.floats('scales') : c.elements(1);
  if (x === undefined || scales === undefined) return one({ dtype, shape: x && unknownDims(x.length) });
  return one({
    dtype,
    shape: scaled(
      c,
      x,
      x.map((_, i) => i),
      scales,
    ),
  });
};

/** `[N, C, H, W]` sampled at a grid `[N, H', W', 2]`, or the same with one more axis. */
const gridSample: Rule = (c) => {
  const [x, grid] = [c.shape(0), c.shape(1)];
  return one({ dtype: c.dtype(0), shape: x && grid && [x[0]!, x[1]!, ...grid.slice(1, -1)] });
};

export const resampling: Rules = { Resize: resize, Upsample: upsample, GridSample: gridSample };
