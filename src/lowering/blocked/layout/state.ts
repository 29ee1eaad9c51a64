/** Which weights, and what an optimiser keeps of them, are held in a layout of their own between steps. */
import { DisjointSets, type Graph, intAttribute, type Model, operatorName } from '../../../onnx/index.js';
import { isScalar } from '../../sizes.js';
import type { MapSizes } from './builder.js';
import { ELEMENTWISE } from './elementwise-operators.js';
import { heldSizes } from './fill.js';
import type { BlockSize, Layout } from './layouts.js';
import { heldWeights, weightsOf } from './weights.js';

/** An input that a step passes on to the next, and the output with its new value. */
export interface StateEntry {
  readonly input: string;
  /** Left out if the step does not change it. */
  readonly output?: string | undefined;
}

type Sizes = (name: string) => readonly number[] | undefined;

/**
 * The layouts of the state's inputs and outputs by name, plain ones left out. The weights of a convolution have the
 * layout of its kernel; gradients, moments and averages that elementwise operators connect with weights have theirs.
 */
export function stateLayouts(
  { graph }: Model,
  block: BlockSize,
  state: readonly StateEntry[],
  sizes: Sizes,
): Map<string, Layout> {
  const families = new DisjointSets();
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (output === undefined || !ELEMENTWISE.has(operatorName(node))) continue;
    const shape = sizes(output);
    if (shape?.length !== 4) continue;
    for (const name of node.inputs) {
      if (!isScalar(sizes(name)) && sizes(name)?.join() === shape.join()) families.join(name, output);
    }
  }
  const familyLayouts = convolutionWeights(graph, block, sizes, (name) => families.of(name));
  const layouts = new Map<string, Layout>();
  for (const { input, output } of state) {
    const layout = familyLayouts.get(families.of(input));
    const keeps = output === undefined || families.of(output) === families.of(input);
    if (layout === undefined || !keeps) continue;
    layouts.set(input, layout);
    if (output !== undefined) layouts.set(output, layout);
  }
  return layouts;
}

/** The layouts that convolutions need, by family; conflicting families have none. */
function convolutionWeights(
  graph: Graph,
  block: BlockSize,
  sizes: Sizes,
  familyOf: (name: string) => string,
): Map<string, Layout> {
  const layouts = new Map<string, Layout | undefined>();
  for (const node of graph.nodes) {
    // Including gradients: a graph that only accumulates gradients does not connect them with weights.
    const name = weightsOf(node);
    if (name === undefined) continue;
    const layout = stateLayout(sizes(name), intAttribute(node, 'group', 1), block);
    const family = familyOf(name);
    layouts.set(family, layouts.has(family) && layouts.get(family) !== layout ? undefined : layout);
  }
  return new Map([...layouts].flatMap(([family, layout]) => (layout ? [[family, layout] as const] : [])));
}

/** The layout of weights, if it needs no filling: others are filled up in every step. */
function stateLayout(
  sizes: readonly number[] | undefined,
  groups: number,
  block: BlockSize,
): Layout | undefined {
  const [outputs, perGroup, height, width] = sizes ?? [];
  if (sizes?.length !== 4) return undefined;
  const weights: MapSizes = [outputs!, perGroup!, height!, width!];
  const layout = heldWeights(weights, groups, block)?.layout;
  return layout && heldSizes(layout, weights, block).join() === sizes.join() ? layout : undefined;
}
