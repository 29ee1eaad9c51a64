import type { Graph, Model, Node, ValueInfo } from '../graph.js';
import { everyName, innerNames, Names } from '../names.js';
import { formatShape } from '../node-context.js';
import { importedOpsets, plainDomain } from '../opsets.js';
import { sameShape } from '../shapes/dims.js';
import { definedNames, renameValues, subgraphs } from '../traverse.js';

/**
 * Connects two models. `mapping` maps inputs of `other` to the outputs of `model` that feed them: `append(backbone,
 * head, { features: 'pooled' })`. The result has the unconnected inputs of both, the outputs of `other`, then those of
 * `model` that feed nothing. Clashing inner names are changed; names of inputs and outputs stay. Metadata are merged;
 * `model`'s take precedence.
 * @throws RangeError if a name does not exist, both have an input or output of the same name, types do not match, or the models use different versions of an operator set.
 */
export function append(model: Model, other: Model, mapping: Readonly<Record<string, string>>): Model {
  const fed = new Map(Object.entries(mapping));
  checkMapping(model, other, fed);
  const opsets = mergedOpsets(model, other);
  const feeding = new Set(fed.values());
  const kept = model.graph.outputs.filter((o) => !feeding.has(o.name));

  // The result's inputs and outputs keep their names; other names may change.
  const facing = new Set([...model.graph.inputs, ...kept].map((v) => v.name));
  const otherFacing = new Set(
    [...other.graph.inputs.filter((i) => !fed.has(i.name)), ...other.graph.outputs].map((v) => v.name),
  );
  const names = new Names([...everyName(model.graph), ...everyName(other.graph)]);
  const ownNames = definedNames(model.graph);
  const renamedOwn = new Map<string, string>();
  for (const name of [...otherFacing, ...innerNames(other.graph)]) {
    if (!ownNames.has(name) || fed.has(name)) continue;
    if (facing.has(name))
      throw new RangeError(`Both models use the name '${name}' for an input or an output`);
    renamedOwn.set(name, names.claim(name));
  }
  const first = renameValues(model.graph, renamedOwn);
  const used = everyName(first);
  const renamedOther = new Map<string, string>();
  for (const name of definedNames(other.graph)) {
    const source = fed.get(name);
    if (source !== undefined) renamedOther.set(name, renamedOwn.get(source) ?? source);
    else if (used.has(name)) renamedOther.set(name, names.claim(name));
  }
  const second = renameValues(other.graph, renamedOther);
  const initializers = new Map(second.initializers);
  for (const source of feeding) initializers.delete(renamedOwn.get(source) ?? source);

  const graph: Graph = {
    ...first,
    nodes: [...first.nodes, ...distinct(second.nodes, first.nodes)],
    inputs: [...first.inputs, ...second.inputs.filter((_, i) => !fed.has(other.graph.inputs[i]!.name))],
    outputs: [
      ...second.outputs,
      ...first.outputs.filter((_, i) => !feeding.has(model.graph.outputs[i]!.name)),
    ],
    initializers: new Map([...first.initializers, ...initializers]),
    valueInfo: describeInner(model, first, second, feeding),
    ...mergedRest(second.rest, first.rest),
  };
  return {
    ...model,
    irVersion: Math.max(model.irVersion, other.irVersion),
    opsets,
    graph,
    metadata: new Map([...other.metadata, ...model.metadata]),
    ...mergedRest(other.rest, model.rest),
  };
}

/** ONNX Runtime refuses a graph in which two nodes have the same name. */
function distinct(nodes: readonly Node[], others: readonly Node[]): Node[] {
  const used = new Set(others.map((node) => node.name));
  const names = new Names([...used, ...nodes.map((node) => node.name)]);
  return nodes.map((node) =>
    node.name !== '' && used.has(node.name) ? { ...node, name: names.claim(node.name) } : node,
  );
}

/** Connected outputs become inner values. */
function describeInner(model: Model, first: Graph, second: Graph, feeding: ReadonlySet<string>) {
  const notes = new Map<string, ValueInfo>([...first.valueInfo, ...second.valueInfo]);
  const outputs = new Set(second.outputs.map((o) => o.name));
  first.outputs.forEach((o, i) => {
    if (feeding.has(model.graph.outputs[i]!.name) && !outputs.has(o.name)) notes.set(o.name, o);
  });
  return notes;
}

/** Protobuf messages merge by concatenation: repeated fields are joined, of singular ones the later wins. */
function mergedRest(a: Uint8Array | undefined, b: Uint8Array | undefined): { rest?: Uint8Array } {
  if (a === undefined || b === undefined) return a || b ? { rest: (a ?? b)! } : {};
  const rest = new Uint8Array(a.length + b.length);
  rest.set(a);
  rest.set(b, a.length);
  return { rest };
}

function checkMapping(model: Model, other: Model, fed: ReadonlyMap<string, string>): void {
  for (const [input, output] of fed) {
    const target = other.graph.inputs.find((i) => i.name === input);
    if (target === undefined) throw new RangeError(`Graph '${other.graph.name}' has no input '${input}'`);
    const source = model.graph.outputs.find((o) => o.name === output);
    if (source === undefined) throw new RangeError(`Graph '${model.graph.name}' has no output '${output}'`);
    const [from, to] = [source.type, target.type];
    if (from === undefined || to === undefined) continue;
    const shapesFit = !from.shape || !to.shape || sameShape(from.shape, to.shape) !== undefined;
    if (from.dtype !== to.dtype || !shapesFit) {
      throw new RangeError(
        `Output '${output}', ${from.dtype} ${formatShape(from.shape)}, does not fit input '${input}', ` +
          `${to.dtype} ${formatShape(to.shape)}`,
      );
    }
  }
}

/** The domains of the operators in a graph, subgraphs included. */
function domains(graph: Graph): Set<string> {
  const found = new Set<string>();
  for (const node of graph.nodes) {
    found.add(plainDomain(node.domain));
    for (const body of subgraphs(node)) for (const domain of domains(body)) found.add(domain);
  }
  return found;
}

function mergedOpsets(model: Model, other: Model): Map<string, number> {
  const [a, b] = [importedOpsets(model), importedOpsets(other)];
  const [usedA, usedB] = [domains(model.graph), domains(other.graph)];
  const merged = new Map([...b, ...a]);
  for (const [domain, version] of b) {
    const own = a.get(domain);
    if (own === undefined || own === version) continue;
    if (usedA.has(domain) && usedB.has(domain)) {
      throw new RangeError(
        `The models are written in versions ${own} and ${version} of operator set '${domain || 'ai.onnx'}'`,
      );
    }
    merged.set(domain, usedB.has(domain) ? version : own);
  }
  return merged;
}
