/** The types that a model's file states. */
import type { Model, TensorType, ValueInfo } from '../graph.js';
import { inferTypes } from '../shapes/index.js';

/** A value's description with another type. */
export const retype = (info: ValueInfo, type: TensorType): ValueInfo => ({
  ...info,
  type,
  fullType: undefined,
});

/**
 * The model with the types of its inner values and outputs inferred again from its inputs, ignoring previous types.
 * Values that cannot be inferred are left undescribed; outputs then keep their element type.
 * @throws ShapeError if shapes contradict an operator.
 */
export function refreshTypes(model: Model): Model {
  const { graph } = model;
  const bare: Model = {
    ...model,
    graph: {
      ...graph,
      valueInfo: new Map(),
      outputs: graph.outputs.map((o) => (o.type ? retype(o, { dtype: o.type.dtype, shape: undefined }) : o)),
    },
  };
  const types = inferTypes(bare);
  const valueInfo = new Map<string, ValueInfo>();
  const outputs = new Set(graph.outputs.map((o) => o.name));
  for (const name of graph.nodes.flatMap((node) => node.outputs)) {
    const type = types.get(name);
    const old = graph.valueInfo.get(name);
    if (outputs.has(name)) continue;
    // Values other than tensors keep their description.
    if (old !== undefined && old.type === undefined) valueInfo.set(name, old);
    else if (type?.shape !== undefined) valueInfo.set(name, { name, type });
  }
  return {
    ...model,
    graph: {
      ...graph,
      valueInfo,
      outputs: bare.graph.outputs.map((o) => {
        const type = types.get(o.name);
        return o.type && type ? { ...o, type } : o;
      }),
    },
  };
}
