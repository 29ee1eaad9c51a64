import type { Graph, Model, Node, TensorType, ValueInfo } from '../graph.js';
import { everyName, Names, requireValue } from '../names.js';
import { inferTypes } from '../shapes/index.js';
import { definedNames, prune, readNames } from '../traverse.js';

export interface Cut {
  /** Values, possibly inner ones, that become the inputs; default: the model's own inputs, as far as needed. */
  readonly inputs?: readonly string[];
  /** Values, possibly inner ones, that become the outputs. */
  readonly outputs: readonly string[];
}

/**
 * The part of a model between values: `cut(model, { outputs: ['features'] })` is a backbone. Everything that the
 * outputs do not depend on is left out, including inputs.
 * @throws RangeError if a value does not exist, or the outputs depend on an input that is not among those given.
 */
export function cut(model: Model, { inputs, outputs }: Cut): Model {
  const { graph } = model;
  const defined = definedNames(graph);
  for (const name of [...(inputs ?? []), ...outputs]) requireValue(graph, defined, name);
  const describe = describer(model);
  const starts = new Set(inputs);
  const { nodes, needed } = between(graph, starts, outputs);
  const own = graph.inputs.filter((i) => needed.has(i.name) || outputs.includes(i.name));
  if (inputs !== undefined) {
    const missing = own.find((i) => !starts.has(i.name) && !graph.initializers.has(i.name));
    if (missing !== undefined) {
      throw new RangeError(
        `The outputs ${outputs.join(', ')} depend on input '${missing.name}', which is not among ${inputs.join(', ')}`,
      );
    }
  }
  // Constants that older files list as inputs stay listed.
  const defaults = own.filter(
    (i) => !starts.has(i.name) && (inputs === undefined || graph.initializers.has(i.name)),
  );
  return {
    ...model,
    graph: prune({
      ...graph,
      nodes,
      inputs: [...(inputs ?? []).map(describe), ...defaults],
      outputs: outputs.map(describe),
      initializers: new Map([...graph.initializers].filter(([name]) => !starts.has(name))),
      valueInfo: new Map(
        [...graph.valueInfo].filter(([name]) => !starts.has(name) && !outputs.includes(name)),
      ),
    }),
  };
}

/** The nodes between `starts` and `outputs`, and the names that they read. */
function between(graph: Graph, starts: ReadonlySet<string>, outputs: readonly string[]) {
  const needed = new Set(outputs.filter((name) => !starts.has(name)));
  const names = new Names(everyName(graph));
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    // A node may compute both a value that is now an input and one that is needed: the former is renamed.
    const made = node.outputs.map((name) => (starts.has(name) ? names.claim(`${name}.unused`) : name));
    nodes.push({ ...node, outputs: made });
    for (const name of readNames(node)) if (!starts.has(name)) needed.add(name);
  }
  return { nodes: nodes.reverse(), needed };
}

/** Finds a value's description: as stated in the file, else as inferred. */
function describer(model: Model): (name: string) => ValueInfo {
  const { graph } = model;
  const stated = new Map<string, ValueInfo>(
    [...graph.valueInfo.values(), ...graph.inputs, ...graph.outputs].map((info) => [info.name, info]),
  );
  let inferred: ReadonlyMap<string, TensorType> | undefined;
  return (name) => {
    const found = stated.get(name);
    if (found?.type === undefined ? found?.fullType !== undefined : found.type.shape !== undefined)
      return found!;
    inferred ??= inferTypes(model);
    return { ...found, name, type: inferred.get(name) ?? found?.type };
  };
}
