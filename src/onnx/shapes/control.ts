/** Branches and loops, whose bodies are graphs of their own. */
import type { Known, Rule, Rules } from './context.js';
import { either } from './dims.js';

function merge(a: Known | undefined, b: Known | undefined): Known | undefined {
  if (a === undefined || b === undefined || a.dtype !== b.dtype) return undefined;
  return { dtype: a.dtype, shape: either(a.shape, b.shape) };
}

const branch: Rule = (c) => {
  const yes = c.subgraph('then_branch', []);
  const no = c.subgraph('else_branch', []);
  return c.node.outputs.map((_, i) => merge(yes[i], no[i]));
};

/** Inputs: trip count, condition, carried values. Outputs: the carried values, then the stacked ones. */
const loop: Rule = (c) => {
  const carried = c.inputs.slice(2);
  // A loop-carried value may change its shape between iterations: only what the body itself derives is certain.
  const start = carried.map((k): Known | undefined => k && { dtype: k.dtype, shape: undefined });
  const body = c
    .subgraph('body', [{ dtype: 'int64', shape: [] }, { dtype: 'bool', shape: [] }, ...start])
    .slice(1);
  return body.map((k, i) => {
    // Without any iteration the output is the input.
    if (i < carried.length) return merge(k, carried[i]);
    return k && { dtype: k.dtype, shape: k.shape && [null, ...k.shape] };
  });
};

/**
 * Inputs: carried values, then those that are split along an axis. Outputs: the carried values, then the stacked ones.
 */
const scan: Rule = (c) => {
  const parts = c.int('num_scan_inputs', 0);
  const carried = c.inputs.slice(0, c.inputs.length - parts);
  const apart = c.inputs.slice(carried.length);
  const axes = c.ints('scan_input_axes') ?? [];
  const axisOf = (k: Known | undefined, i: number) => k?.shape && c.axis(axes[i] ?? 0, k.shape.length);
  const start = carried.map((k): Known | undefined => k && { dtype: k.dtype, shape: undefined });
  const slices = apart.map(
    (k, i): Known | undefined => k && { dtype: k.dtype, shape: k.shape?.toSpliced(axisOf(k, i)!, 1) },
  );
  const turns = apart[0]?.shape?.[axisOf(apart[0], 0)!] ?? null;
  const stacked = c.ints('scan_output_axes') ?? [];
  return c.subgraph('body', [...start, ...slices]).map((k, i) => {
    if (i < carried.length) return merge(k, carried[i]);
    const shape = k?.shape;
    const axis = shape && c.axis(stacked[i - carried.length] ?? 0, shape.length + 1);
    return k && { dtype: k.dtype, shape: shape?.toSpliced(axis!, 0, turns) };
  });
};

export const control: Rules = { If: branch, Loop: loop, Scan: scan };
