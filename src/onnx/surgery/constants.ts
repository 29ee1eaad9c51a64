/** Finding out whether a value is a constant, however the exporter wrote it. */
import { intAttribute, tensorAttribute } from '../attributes.js';
import { DATA_TYPES, type Graph, type Node, type Tensor } from '../graph.js';
import { isOp } from '../opsets.js';
import { float32, float32Values } from '../tensor.js';
import { producers } from '../traverse.js';

/**
 * Resolves names to constants: initializers that no input overrides, Constant nodes, and both behind an Identity or a
 * Cast from float16 to float32.
 */
export function constantResolver(graph: Graph): (name: string | undefined) => Tensor | undefined {
  const made = producers(graph);
  const inputs = new Set(graph.inputs.map((i) => i.name));
  const own = (name: string) => (inputs.has(name) ? undefined : graph.initializers.get(name));
  /** The value of `name`, which `node` computes from the constant `source`. */
  const madeBy = (name: string, node: Node | undefined, source: Tensor | undefined): Tensor | undefined => {
    if (node === undefined || inputs.has(name)) return undefined;
    if (isOp(node, 'Constant')) return tensorAttribute(node, 'value');
    if (isOp(node, 'Identity')) return source;
    const widens = isOp(node, 'Cast') && intAttribute(node, 'to', 0) === DATA_TYPES.float32;
    return widens && source?.dtype === 'float16'
      ? float32(name, source.dims, float32Values(source))
      : undefined;
  };
  const known = new Map<string, Tensor | undefined>();
  return (wanted) => {
    // Back from the value to a known one, by iteration, since chains may be longer than the stack allows.
    const path: string[] = [];
    let name = wanted || undefined;
    while (name !== undefined && !known.has(name)) {
      path.push(name);
      const node: Node | undefined = own(name) ? undefined : made.get(name);
      name = node && isOp(node, 'Identity', 'Cast') ? node.inputs[0] || undefined : undefined;
    }
    let value = known.get(name ?? '');
    for (const step of path.reverse()) {
      value = own(step) ?? madeBy(step, made.get(step), value);
      known.set(step, value);
    }
    return value;
  };
}
