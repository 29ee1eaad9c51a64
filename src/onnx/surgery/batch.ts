import type { Dim, Model } from '../graph.js';
import { formatShape } from '../node-context.js';
import { asDim } from '../shapes/dims.js';
import { refreshTypes, retype } from './types.js';

/** Sets the first axis of every input without a default, and infers all types again. */
function withBatch(model: Model, batch: Dim): Model {
  const { graph } = model;
  const inputs = graph.inputs.map((input) => {
    const shape = input.type?.shape;
    if (shape === undefined || shape.length === 0 || graph.initializers.has(input.name)) return input;
    return retype(input, { dtype: input.type!.dtype, shape: [batch, ...shape.slice(1)] });
  });
  return refreshTypes({ ...model, graph: { ...graph, inputs } });
}

/**
 * The model for batches of one size: the first axis of every input is `size`.
 * @throws RangeError if `size` is not a positive integer; ShapeError if the graph contradicts it.
 */
export function fixedBatch(model: Model, size: number): Model {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`A batch has 1 sample or more, found ${size}`);
  return withBatch(model, size);
}

/**
 * The model for batches of any size: the first axis of every input is named `name`.
 * @throws RangeError if an output keeps a fixed first axis because a size is built into the graph, as in a reshape to `[1, -1]`.
 */
export function dynamicBatch(model: Model, name = 'N'): Model {
  const result = withBatch(model, name);
  for (const { name: output, type } of result.graph.outputs) {
    const first = type?.shape?.[0];
    if (typeof asDim(first) === 'number') {
      throw new RangeError(
        `Output '${output}', ${formatShape(type!.shape)}, does not follow the batch of the inputs`,
      );
    }
  }
  return result;
}
