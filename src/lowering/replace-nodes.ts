/** Replacing nodes by pieces of graph. */
import {
  everyName,
  type Graph,
  GraphBuilder,
  inferKnown,
  type Known,
  type Model,
  Names,
  type Node,
  opsetOf,
  type Tensor,
  useCounts,
  type Value,
  type ValueInfo,
} from '../onnx/index.js';
import { ReplacedNode, type ReplacementRule } from './replacement.js';

/** The model's graph with nodes replaced by graph fragments, if a rule gives one. */
export function replaceNodes(model: Model, ruleOf: (node: Node) => ReplacementRule | undefined): Graph {
  const { graph } = model;
  const known = inferKnown(model);
  const uses = useCounts(graph);
  const collected = new Collected(graph);
  for (const node of graph.nodes) {
    const rule = ruleOf(node);
    const part = rule && replacement(rule, node, opsetOf(model), known, uses);
    if (part === undefined) collected.nodes.push(node);
    else collected.add(part, node);
  }
  return {
    ...graph,
    nodes: collected.nodes,
    initializers: collected.initializers,
    valueInfo: collected.valueInfo,
  };
}

/** The replacement as a separate graph, with inputs and outputs named after the node's. */
function replacement(
  rule: ReplacementRule,
  node: Node,
  opset: number,
  known: ReadonlyMap<string, Known>,
  uses: ReadonlyMap<string, number>,
): Graph | undefined {
  const g = new GraphBuilder({ opset, name: node.name });
  const inputs = new Map<string, Value>();
  for (const name of node.inputs) {
    const type = known.get(name);
    if (inputs.has(name) || type?.shape === undefined) continue;
    inputs.set(name, g.input(name, type.dtype, type.shape));
  }
  const wants = (i: number) => (uses.get(node.outputs[i] ?? '') ?? 0) > 0;
  const values = node.inputs.map((name) => inputs.get(name));
  const replaced = new ReplacedNode(g, node, values, known, wants);
  const outputs = g.scope(node.name || node.op, () => rule(replaced));
  if (outputs === undefined) return undefined;
  node.outputs.forEach((name, i) => {
    const value = outputs[i];
    if (name !== '' && wants(i) && value !== undefined) g.output(value, name);
  });
  return g.build().graph;
}

/** Equal constants of at most this many bytes are shared. */
const SHARED_BYTES = 256;

/** The new graph's parts. Inner names of fragments are changed if they are taken. */
class Collected {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor>;
  readonly valueInfo: Map<string, ValueInfo>;
  private readonly names: Names;
  private readonly shared = new Map<string, string>();

  constructor(graph: Graph) {
    this.initializers = new Map(graph.initializers);
    this.valueInfo = new Map(graph.valueInfo);
    this.names = new Names(everyName(graph));
  }

  add(part: Graph, replaced: Node): void {
    const facing = new Set([...replaced.inputs, ...replaced.outputs]);
    const names = new Map<string, string>();
    for (const [name, constant] of part.initializers) {
      const key = constant.data.length <= SHARED_BYTES ? contents(constant) : undefined;
      const known = key === undefined ? undefined : this.shared.get(key);
      const own = known ?? this.names.claim(name);
      names.set(name, own);
      if (known !== undefined) continue;
      this.initializers.set(own, { ...constant, name: own });
      if (key !== undefined) this.shared.set(key, own);
    }
    for (const node of part.nodes) {
      for (const name of node.outputs)
        if (name !== '' && !facing.has(name)) names.set(name, this.names.claim(name));
    }
    const to = (name: string) => names.get(name) ?? name;
    for (const node of part.nodes) {
      const outputs = node.outputs.map(to);
      this.nodes.push({ ...node, name: outputs[0]!, inputs: node.inputs.map(to), outputs });
    }
    for (const [name, info] of part.valueInfo) this.valueInfo.set(to(name), { ...info, name: to(name) });
  }
}

const contents = (t: Tensor): string => `${t.dtype}[${t.dims.join()}]${t.data.join()}`;
