/**
 * Removes leftovers of converters: Identity nodes, and chains of limits such as max(min(relu(x), 6), 0). Values do not
 * change. Also protects zero padding from a wrong fusion in ONNX Runtime.
 */
import type { Graph, Model, Node } from '../graph.js';
import { limitsOf } from '../limits.js';
import { node } from '../node.js';
import { isOp } from '../opsets.js';
import { Additions } from '../surgery/additions.js';
import { keepZeroPadding } from '../surgery/keep-zero-padding.js';
import { float32 } from '../tensor.js';
import { prune, useCounts } from '../traverse.js';

/** The model without Identity nodes, with each chain of limits as one operator, and with its zero padding kept. */
export function simplify(model: Model): Model {
  // Types of inner values can be inferred again, and their names have changed.
  const graph = mergeLimits(dropIdentities({ ...model.graph, valueInfo: new Map() }));
  return keepZeroPadding({ ...model, graph: prune(graph) });
}

/**
 * The graph without Identity nodes. One that makes an output gives its name to the node before it, unless the
 * value there is an input, a constant or an output itself.
 */
function dropIdentities(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((o) => o.name));
  const made = new Set(graph.nodes.flatMap((n) => n.outputs));
  const names = new Map<string, string>();
  const resolve = (name: string): string => names.get(name) ?? name;
  const identities = new Set<Node>();
  for (const n of graph.nodes) {
    if (!isOp(n, 'Identity')) continue;
    const from = resolve(n.inputs[0]!);
    const to = n.outputs[0]!;
    if (!outputs.has(to)) names.set(to, from);
    else if (made.has(from) && !outputs.has(from)) {
      names.set(from, to);
      outputs.add(from);
    } else continue;
    identities.add(n);
  }
  // A value renamed to an output's name may itself be the target of other renamings.
  const final = (name: string): string => resolve(resolve(name));
  return {
    ...graph,
    nodes: graph.nodes
      .filter((n) => !identities.has(n))
      .map((n) => ({ ...n, inputs: n.inputs.map(final), outputs: n.outputs.map(final) })),
  };
}

/** Makes one Clip (or Relu) of a chain of them. */
function mergeLimits(graph: Graph): Graph {
  const uses = useCounts(graph);
  const additions = new Additions(graph);
  const constant = (name: string) => additions.initializers.get(name);
  const nodes: Node[] = [];
  const madeAt = new Map<string, number>();
  for (const n of graph.nodes) {
    const at = madeAt.get(n.inputs[0] ?? '');
    const second = limitsOf(n, constant);
    const first =
      second && at !== undefined && uses.get(n.inputs[0]!) === 1 ? limitsOf(nodes[at]!, constant) : undefined;
    if (second && first) {
      const clamp = (bound: number) => Math.min(Math.max(bound, second[0]), second[1]);
      nodes[at!] = limit(nodes[at!]!.inputs[0]!, n, clamp(first[0]), clamp(first[1]), additions);
      madeAt.set(n.outputs[0]!, at!);
      continue;
    }
    for (const output of n.outputs) madeAt.set(output, nodes.length);
    nodes.push(n);
  }
  return { ...graph, nodes, initializers: additions.initializers };
}

/** The limits instead of `replaced`, after which their constants are named. */
function limit(from: string, replaced: Node, low: number, high: number, additions: Additions): Node {
  const { inputs, outputs } = replaced;
  if (low === 0 && high === Number.POSITIVE_INFINITY) return node('Relu', [from], outputs);
  const bound = (i: number, role: string, value: number): string => {
    const name = inputs[i] ? `${inputs[i]}_1` : `${outputs[0]}/${role}`;
    return Number.isFinite(value) ? additions.constant(float32(name, [], [value])) : '';
  };
  const bounds = [bound(1, 'min', low), bound(2, 'max', high)];
  return node('Clip', [from, ...(bounds[1] === '' ? bounds.slice(0, 1) : bounds)], outputs);
}
