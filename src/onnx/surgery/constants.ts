/** Finding out whether a value is a constant, however the exporter wrote it. */
import { intAttribute, tensorAttribute } from '../attributes.js';
import { DATA_TYPES, type Graph, type Tensor } from '../graph.js';
import { isOp } from '../opsets.js';
import { float32, float32Values } from '../tensor.js';
import { producers } from '../traverse.js';

/**
 * Resolves names to constants: initializers that no input overrides, Constant nodes, and these behind Identity or
 * a Cast from float16 to float32.
 */
export function constantResolver(graph: Graph): (name: string | undefined) => Tensor | undefined {
  const made = producers(graph);
  const inputs = new Set(graph.inputs.map((i) => i.name));
  const resolve = (name: string | undefined): Tensor | undefined => {
    if (name === undefined || name === '' || inputs.has(name)) return undefined;
    const initializer = graph.initializers.get(name);
    if (initializer !== undefined) return initializer;
    const node = made.get(name);
    if (node === undefined) return undefined;
    if (isOp(node, 'Constant')) return tensorAttribute(node, 'value');
    if (isOp(node, 'Identity')) return resolve(node.inputs[0]);
    if (!isOp(node, 'Cast') || intAttribute(node, 'to', 0) !== DATA_TYPES.float32) return undefined;
    const half = resolve(node.inputs[0]);
    return half?.dtype === 'float16' ? float32(name, half.dims, float32Values(half)) : undefined;
  };
  return resolve;
}
