/** What values a network's activations take on pictures. */
import { AgewiseError } from '../../errors/index.js';
import {
  activationsToCalibrate,
  cut,
  elementCount,
  type Model,
  type ObservedRange,
  writeModel,
} from '../../onnx/index.js';
import { floatData, floatTensor, type SessionOptions, type Tensors } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { Histogram } from './histogram.js';
import { leastErrorRange } from './ranges.js';

/** Thrown if a network computes non-finite values on a picture. */
export class CalibrationError extends AgewiseError {
  override readonly name = 'CalibrationError';
}

/**
 * The ranges for `quantize`, from one pass over batches of pictures `[n, ...]`, where n may vary.
 * @param model with one float32 input `[N, ...]` with known other sizes
 * @throws CalibrationError if an activation is not finite; RangeError if there is no batch.
 */
export async function calibrate(
  model: Model,
  batches: AsyncIterable<Float32Array>,
  options: SessionOptions = {},
): Promise<Map<string, ObservedRange>> {
  const { name: input, type } = model.graph.inputs[0]!;
  const sample = type!.shape!.slice(1) as number[];
  const names = activationsToCalibrate(model);
  const inner = names.filter((name) => name !== input);
  const observed = new Map(names.map((name) => [name, new Observation()]));
  const run = await runner(model, inner, options);
  let any = false;
  try {
    for await (const images of batches) {
      const tensor = floatTensor(images, [images.length / elementCount(sample), ...sample]);
      const values: Tensors = { ...(await run.outputs({ [input]: tensor })), [input]: tensor };
      for (const [name, observation] of observed) {
        const { dims } = values[name]!;
        if (!observation.add(floatData(values[name]!), dims)) {
          throw new CalibrationError(`Value '${name}' of the network is not finite for a picture`);
        }
      }
      any = true;
    }
  } finally {
    await run.dispose();
  }
  if (!any) throw new RangeError('Calibration needs a batch of pictures');
  return new Map([...observed].map(([name, observation]) => [name, observation.range()]));
}

/** Statistics of a value over all batches. */
class Observation {
  private readonly histogram = new Histogram();
  private sums: Float64Array | undefined;
  private perChannel = 0;

  /** False if a value is not finite. */
  add(values: Float32Array, [batch, channels = 1, ...inner]: readonly number[]): boolean {
    const size = elementCount(inner);
    this.sums ??= new Float64Array(channels);
    for (let c = 0, at = 0; at < values.length; c = (c + 1) % channels) {
      let sum = 0;
      for (const end = at + size; at < end; at++) sum += values[at]!;
      this.sums[c]! += sum;
    }
    this.perChannel += batch! * size;
    if (!this.sums.every(Number.isFinite)) return false;
    this.histogram.add(values);
    return true;
  }

  range(): ObservedRange {
    const mean = this.sums!.map((sum) => sum / this.perChannel);
    return { ...leastErrorRange(this.histogram), mean };
  }
}

/** For a network of one layer, only its input matters, and nothing has to be run. */
async function runner(model: Model, outputs: readonly string[], options: SessionOptions) {
  if (outputs.length === 0) {
    return { outputs: async (_: Tensors): Promise<Tensors> => ({}), dispose: async () => {} };
  }
  const session = await createSession(writeModel(cut(model, { outputs })), 'calibration', options);
  return { outputs: (inputs: Tensors) => session.run(inputs, outputs), dispose: () => session.dispose() };
}
