/**
 * What converters leave behind that a network does not need: Identity nodes, and chains of limits such as
 * max(min(relu(x), 6), 0). No value changes. And a guard against what ONNX Runtime would change.
 */
import type { Graph, Model, Node, Tensor } from '../graph.js';
import { limitsOf } from '../limits.js';
import { node } from '../node.js';
import { isOp } from '../opsets.js';
import { keepZeroPadding } from '../surgery/keep-zero-padding.js';
import { float32 } from '../tensor.js';
import { prune, useCounts } from '../traverse.js';

/** The model without Identity nodes, with each chain of limits as one operator, and with the zeros of its padding kept. */
export function simplify(model: Model): Model {
  const graph = mergeLimits(dropIdentities(model.graph));
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
  // A value renamed to an output's name may itself stand for others.
  const final = (name: string): string => resolve(resolve(name));
  return {
    ...graph,
    nodes: graph.nodes
      .filter((n) => !identities.has(n))
      .map((n) => ({ ...n, inputs: n.inputs.map(final), outputs: n.outputs.map(final) })),
  };
}

function unused(constants: ReadonlyMap<string, Tensor>, name: string): string {
  let free = name;
  for (let i = 1; constants.has(free); i++) free = `${name}_${i}`;
  return free;
}

/** Makes one Clip (or Relu) of a chain of them. */
function mergeLimits(graph: Graph): Graph {
  const uses = useCounts(graph);
  const constants = new Map(graph.initializers);
  const constant = (name: string) => constants.get(name);
  const nodes: Node[] = [];
  const madeAt = new Map<string, number>();
  for (const n of graph.nodes) {
    const at = madeAt.get(n.inputs[0] ?? '');
    const second = limitsOf(n, constant);
    const first =
      second && at !== undefined && uses.get(n.inputs[0]!) === 1 ? limitsOf(nodes[at]!, constant) : undefined;
    if (second && first) {
      const clamp = (bound: number) => Math.min(Math.max(bound, second[0]), second[1]);
      nodes[at!] = limit(nodes[at!]!.inputs[0]!, n.outputs[0]!, clamp(first[0]), clamp(first[1]), constants);
      madeAt.set(n.outputs[0]!, at!);
      continue;
    }
    for (const output of n.outputs) madeAt.set(output, nodes.length);
    nodes.push(n);
  }
  return { ...graph, nodes, initializers: constants };
}

function limit(from: string, to: string, low: number, high: number, constants: Map<string, Tensor>): Node {
  if (low === 0 && high === Number.POSITIVE_INFINITY) return node('Relu', [from], [to]);
  const bound = (role: string, value: number): string => {
    if (!Number.isFinite(value)) return '';
    const name = unused(constants, `${to}/${role}`);
    constants.set(name, float32(name, [], [value]));
    return name;
  };
  const inputs = [from, bound('min', low), bound('max', high)];
  return node('Clip', inputs[2] === '' ? inputs.slice(0, 2) : inputs, [to]);
}
