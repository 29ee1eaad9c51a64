/** Outputs and gradients of a graph, lowered to blocked kernels and to standard operators. */
import { gradients } from '../../src/autodiff/index.js';
import {
  type BlockSize,
  layoutsOf,
  lowerToBlocked,
  lowerToStandard,
  pack,
  type StateEntry,
  unpack,
} from '../../src/lowering/index.js';
import {
  float32,
  GraphBuilder,
  type Model,
  type Tensor,
  tensorValues,
  type Value,
} from '../../src/onnx/index.js';
import { emulateBlocked } from './emulate-blocked.js';
import { execute, noise } from './execute.js';

export const BLOCKED = 'com.microsoft.nchwc';

export interface Comparison {
  /** The largest error of an output's element, relative to the output's largest. */
  readonly error: number;
  /** Where it is. */
  readonly output: string;
  /** The model on blocked kernels. */
  readonly lowered: Model;
}

/** Runs both lowerings; blocked kernels as the runtime has them or emulated. */
export async function compareLowerings(
  model: Model,
  inputs: readonly Tensor[],
  block: BlockSize,
  kernels: 'native' | 'emulated',
  state: readonly StateEntry[] = [],
): Promise<Comparison> {
  const lowered = lowerToBlocked(model, block, state);
  const layouts = layoutsOf(lowered)?.byName;
  const fed = inputs.map((t) => {
    const layout = layouts?.get(t.name);
    const values = tensorValues(t) as Float32Array;
    return layout === undefined ? t : float32(t.name, t.dims, pack(values, t.dims, layout, block));
  });
  const found = await execute(kernels === 'native' ? lowered : emulateBlocked(lowered, block), fed);
  const expected = await execute(lowerToStandard(model), inputs);
  let worst = { error: 0, output: '' };
  for (const [name, { values, dims }] of expected) {
    const layout = layouts?.get(name);
    const raw = found.get(name)!.values as Float32Array;
    const got = layout === undefined ? raw : unpack(raw, dims, layout, block);
    let [error, scale] = [0, 1e-6];
    for (let i = 0; i < values.length; i++) {
      const difference = Math.abs(got[i]! - Number(values[i]));
      error = Math.max(error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      scale = Math.max(scale, Math.abs(Number(values[i])));
    }
    if (error / scale >= worst.error) worst = { error: error / scale, output: name };
  }
  return { ...worst, lowered };
}

/** A graph of inputs by their sizes, its output and the gradients of all inputs for a random projection of it. */
export function differentiated(
  variables: Readonly<Record<string, readonly number[]>>,
  build: (g: GraphBuilder, of: (name: string) => Value) => Value,
): { model: Model; inputs: Tensor[] } {
  const g = new GraphBuilder({ name: 'case' });
  const values = new Map(
    Object.entries(variables).map(([name, dims]) => [name, g.input(name, 'float32', dims)]),
  );
  const y = build(g, (name) => values.get(name)!);
  const dims = y.shape as number[];
  const projection = g.input('projection', 'float32', dims);
  const loss = g.op('ReduceSum', [g.op('Mul', [y, projection])], { keepdims: 0 });
  g.output(g.op('Identity', [y]), 'y');
  gradients(g, loss, [...values.values()]).forEach((gradient, i) => {
    g.output(g.op('Identity', [gradient]), `gradient.${[...values.keys()][i]}`);
  });
  const inputs = [...Object.entries(variables), ['projection', dims] as const].map(([name, sizes], i) =>
    float32(
      name,
      [...sizes],
      noise(
        sizes.reduce((a, b) => a * b, 1),
        i + 1,
      ),
    ),
  );
  return { model: g.build(), inputs };
}

export const blockedCount = ({ graph }: Model, op?: string): number =>
  graph.nodes.filter((node) => node.domain === BLOCKED && (op === undefined || node.op === op)).length;

export const standardCount = ({ graph }: Model, op: string): number =>
  graph.nodes.filter((node) => node.domain === '' && node.op === op).length;
