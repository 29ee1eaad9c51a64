import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { alongAxisTransposed, type Matrix, zeroMatrix } from '../linear.js';

type Coordinate = (position: number, scale: number, input: number, output: number) => number;

const single = Math.fround;

/** (p + ½)/scale − ½ */
const halfPixel = (p: number, scale: number): number => single(single((p + 0.5) / scale) - 0.5);

/**
 * From a position in the output to one in the input: https://onnx.ai/onnx/operators/onnx__Resize.html. In single
 * precision at each step, as the runtime computes them, since rounding decides on which side of an integer they fall.
 */
const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: (p, scale, input, output) => {
    const adjustment = single(output / single(scale * input));
    return single((input / 2) * (1 - adjustment)) + halfPixel(p, scale);
  },
  pytorch_half_pixel: (p, scale, _, output) => (output > 1 ? halfPixel(p, scale) : 0),
  align_corners: (p, _, input, output) => (output > 1 ? single((p * (input - 1)) / (output - 1)) : 0),
  asymmetric: (p, scale) => single(p / scale),
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The interpolation as a matrix `[output, input]`. */
function interpolation(c: GradientContext, input: number, output: number, scale: number): Matrix {
  const mode = c.string('mode', 'nearest');
  const transformation = c.string('coordinate_transformation_mode', 'half_pixel');
  const at = coordinates[transformation] ?? c.fail(`coordinates by '${transformation}' are not supported`);
  const rounding = c.string('nearest_mode', 'round_prefer_floor');
  const round = roundings[rounding] ?? c.fail(`rounding by '${rounding}' is not supported`);
  const map = zeroMatrix(output, input);
  const inside = (i: number) => Math.min(Math.max(i, 0), input - 1);
  for (let p = 0; p < output; p++) {
    const x = at(p, scale, input, output);
    if (mode === 'nearest') {
      map.values[p * input + inside(round(x))] = 1;
      continue;
    }
    const clamped = inside(x);
    const low = Math.floor(clamped);
    map.values[p * input + low]! += 1 - (clamped - low);
    map.values[p * input + inside(low + 1)]! += clamped - low;
  }
  return map;
}

const rule: GradientRule = (c) => {
  const mode = c.string('mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear') c.fail(`mode '${mode}' is not supported`);
  if (c.int('antialias', 0) !== 0) c.fail('antialiasing is not supported');
  if (c.int('exclude_outside', 0) !== 0 || c.float('extrapolation_value', 0) !== 0) {
    c.fail('leaving out what lies outside is not supported');
  }
  const [from, to] = [c.input(0).shape!, c.output().shape!];
  const axes = c.ints('axes') ?? from.map((_, i) => i);
  const scales = c.numbers(2);
  const given = scales?.length ? scales : undefined;
  let dx = c.dy;
  for (const [i, named] of axes.entries()) {
    const axis = c.axis(named);
    const [input, output] = [from[axis], to[axis]];
    if (given?.[i] === 1 || (input === output && input !== null && given === undefined)) continue;
    if (typeof input !== 'number' || typeof output !== 'number') {
      return c.fail(`axis ${axis} must have a known size before and after`);
    }
    const scale = Math.fround(given?.[i] ?? output / input);
    dx = alongAxisTransposed(c.g, dx, axis, interpolation(c, input, output, scale));
  }
  return [dx];
};

export const resize: GradientRules = { Resize: rule };
