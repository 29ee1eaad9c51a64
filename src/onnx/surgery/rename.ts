import type { Model } from '../graph.js';
import { everyName, requireValue } from '../names.js';
import { definedNames, renameValues } from '../traverse.js';

/**
 * The model with values renamed, wherever they are read: `rename(model, { 'input.1': 'image' })`. Names may be swapped.
 * @throws RangeError if a value does not exist or a new name is taken.
 */
export function rename(model: Model, names: Readonly<Record<string, string>>): Model {
  const { graph } = model;
  const map = new Map(Object.entries(names));
  const defined = definedNames(graph);
  const taken = everyName(graph);
  for (const from of map.keys()) {
    requireValue(graph, defined, from);
    taken.delete(from);
  }
  for (const to of map.values()) {
    if (to === '' || taken.has(to)) throw new RangeError(`Graph '${graph.name}' has a value '${to}' already`);
    taken.add(to);
  }
  return { ...model, graph: renameValues(graph, map) };
}
