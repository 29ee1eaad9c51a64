import { type AttributeInput, attribute } from './attributes.js';
import type { Node } from './graph.js';

/**
 * A node from plain values: `node('Conv', ['x', 'w'], ['y'], { strides: [2, 2] })`. A floating-point attribute
 * is written `float(x)` or `floats([...])`. The node is named after its first output.
 */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
  domain = '',
): Node {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name: outputs[0] ?? op,
    domain,
    op,
    inputs,
    outputs,
    attributes: new Map(entries.map(([name, value]) => [name, attribute(value!)])),
  };
}
