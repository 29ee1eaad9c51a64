/** Finding out whether a value is a constant, however the exporter wrote it. */
import { intAttribute, tensorAttribute } from '../attributes.js';
import { DATA_TYPES, type Graph, type Node, type Tensor } from '../graph.js';
import { isOp } from '../opsets.js';
import { float32, float32Values, tensorValues } from '../tensor.js';
import { producers } from '../traverse.js';

/**
 * Resolves names to constants: initializers that no input overrides, Constant nodes, and both behind an Identity, a Cast from
 * float16 or int8 to float32, or a Mul by such scales that broadcast to them.
 */
export function constantResolver(graph: Graph): Resolve {
  const made = producers(graph);
  const inputs = new Set(graph.inputs.map((i) => i.name));
  const own = (name: string) => (inputs.has(name) ? undefined : graph.initializers.get(name));

  /** @param madeBy the value of `name`, which `node`, of one of the operators `through`, computes from the constant `source` */
  function resolver(
    through: readonly string[],
    madeBy: (name: string, node: Node, source: Tensor) => Tensor | undefined,
  ): Resolve {
    const known = new Map<string, Tensor | undefined>();
    const resolved = (name: string, source: Tensor | undefined): Tensor | undefined => {
      const node = made.get(name);
      if (node === undefined || inputs.has(name)) return undefined;
      if (isOp(node, 'Constant')) return tensorAttribute(node, 'value');
      return source && isOp(node, ...through) ? madeBy(name, node, source) : undefined;
    };
    return (wanted) => {
      // Back from the value to a known one, by iteration, since chains may be longer than the stack allows.
      const path: string[] = [];
      let name = wanted || undefined;
      while (name !== undefined && !known.has(name)) {
        path.push(name);
        const node: Node | undefined = own(name) ? undefined : made.get(name);
        name = node && isOp(node, ...through) ? node.inputs[0] || undefined : undefined;
      }
      let value = known.get(name ?? '');
      for (const step of path.reverse()) {
        value = own(step) ?? resolved(step, value);
        known.set(step, value);
      }
      return value;
    };
  }

  const scales = resolver(['Identity', 'Cast'], converted);
  return resolver(['Identity', 'Cast', 'Mul'], (name, node, source) =>
    isOp(node, 'Mul') ? scaled(name, source, scales(node.inputs[1])) : converted(name, node, source),
  );
}

type Resolve = (name: string | undefined) => Tensor | undefined;

/** The value of an Identity, or of a Cast from float16 or int8 to float32; otherwise undefined. */
function converted(name: string, node: Node, source: Tensor): Tensor | undefined {
  if (isOp(node, 'Identity')) return source;
  if (intAttribute(node, 'to', 0) !== DATA_TYPES.float32) return undefined;
  if (source.dtype === 'float16') return float32(name, source.dims, float32Values(source));
  return source.dtype === 'int8'
    ? float32(name, source.dims, Float32Array.from(tensorValues(source) as Int8Array))
    : undefined;
}

/** `weight` times `scales` of as many axes, each of which has one element or as many as the weight; otherwise undefined. */
function scaled(name: string, weight: Tensor, scales: Tensor | undefined): Tensor | undefined {
  const { dims } = weight;
  if (weight.dtype !== 'float32' || scales?.dtype !== 'float32' || scales.dims.length !== dims.length)
    return undefined;
  if (scales.dims.some((size, axis) => size !== 1 && size !== dims[axis])) return undefined;
  const factors = float32Values(scales);
  // How far an element's factor moves along each axis.
  const steps = new Array<number>(dims.length).fill(0);
  for (let axis = dims.length - 1, step = 1; axis >= 0; axis--) {
    if (scales.dims[axis] !== 1) steps[axis] = step;
    step *= scales.dims[axis]!;
  }
  const values = Float32Array.from(float32Values(weight), (value, i) => {
    let rest = i;
    let at = 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += (rest % dims[axis]!) * steps[axis]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    return value * factors[at]!;
  });
  return float32(name, dims, values);
}
