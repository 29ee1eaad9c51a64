/** Checks gradients of graphs against central differences, both computed by ONNX Runtime. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { gradients } from '../../src/autodiff/index.js';
import { lowerToStandard, type StandardLowering } from '../../src/lowering/index.js';
import { GraphBuilder, type Model, type Shape, type Value, writeModel } from '../../src/onnx/index.js';
import { random } from './execute.js';

type Precision = 'float32' | 'float64';

/** A value to differentiate by. */
export interface Variable {
  readonly dims: readonly number[];
  /** The range that its elements are drawn from, -1..1 if left out. */
  readonly range?: readonly [low: number, high: number];
  /** The shape as the graph declares it, if that is not `dims`: names stand for open sizes. */
  readonly declared?: Shape;
  /** Elements to use instead of random ones. */
  readonly values?: readonly number[];
}

export interface GradientCase<K extends string> {
  readonly variables: Readonly<Record<K, Variable>>;
  /** Builds the function; of several outputs the loss weighs all. */
  readonly build: (g: GraphBuilder, values: Readonly<Record<K, Value>>) => Value | readonly Value[];
  /** float64 where every operator has a kernel for it. */
  readonly precision?: Precision;
  /** Half the distance of the differences: 1e-5 in float64, 1e-2 in float32; wide where the function is linear. */
  readonly step?: number;
  /** The largest error, relative to 1 plus the largest gradient: 1e-6 in float64, 3e-3 in float32. */
  readonly tolerance?: number;
  readonly seed?: number;
  readonly opset?: number;
  readonly lowering?: StandardLowering;
}

type Arrays = Readonly<Record<string, { dims: readonly number[]; data: Float32Array | Float64Array }>>;

/** A model in a session, to be run many times. */
class Runner {
  private constructor(private readonly session: InferenceSession) {}

  static async open(model: Model): Promise<Runner> {
    const options = {
      logSeverityLevel: 3,
      intraOpNumThreads: 1,
      graphOptimizationLevel: 'disabled',
    } as const;
    return new Runner(await InferenceSession.create(writeModel(model), options));
  }

  async run(inputs: Arrays): Promise<InferenceSession.OnnxValueMapType> {
    const feeds = Object.entries(inputs).map(([name, { dims, data }]) => [
      name,
      new OrtTensor(data instanceof Float64Array ? 'float64' : 'float32', data as Float32Array, [...dims]),
    ]);
    return this.session.run(Object.fromEntries(feeds));
  }

  close = () => this.session.release();
}

const arrayOf = (precision: Precision, values: ArrayLike<number>) =>
  precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);

/** As many elements of each variable as this are compared, picked at random. */
const ELEMENTS = 24;

/**
 * The largest error found, relative to the tolerance: a check passes below 1. The loss is a random projection of
 * all outputs.
 */
export async function gradientError<K extends string>(test: GradientCase<K>): Promise<number> {
  const precision = test.precision ?? 'float64';
  const step = test.step ?? (precision === 'float64' ? 1e-5 : 1e-2);
  const tolerance = test.tolerance ?? (precision === 'float64' ? 1e-6 : 3e-3);
  const next = random(test.seed ?? 1);
  const names = Object.keys(test.variables) as K[];
  const describe = () => {
    const g = new GraphBuilder({ ...(test.opset === undefined ? {} : { opset: test.opset }) });
    const values = Object.fromEntries(
      names.map((name) => {
        const { dims, declared = dims } = test.variables[name];
        return [name, g.input(name, precision, declared)];
      }),
    ) as Record<K, Value>;
    const built = test.build(g, values);
    return { g, values, outputs: 'name' in built ? [built] : built };
  };
  const forward = describe();
  forward.outputs.forEach((y, k) => {
    forward.g.output(y, `output.${k}`);
  });
  const plain = await Runner.open(lowerToStandard(forward.g.build(), test.lowering));
  const point: Record<string, { dims: readonly number[]; data: Float32Array | Float64Array }> = {};
  for (const name of names) {
    const { dims, range = [-1, 1], values } = test.variables[name];
    const count = dims.reduce((a, b) => a * b, 1);
    const drawn = values ?? Array.from({ length: count }, () => range[0] + (range[1] - range[0]) * next());
    point[name] = { dims, data: arrayOf(precision, drawn) };
  }
  const first = await plain.run(point);
  const weights = forward.outputs.map((_, k) => {
    const { dims, data } = first[`output.${k}`] as OrtTensor;
    return {
      dims,
      data: arrayOf(
        precision,
        Array.from(data as Float64Array, () => 2 * next() - 1),
      ),
    };
  });

  const { g, values, outputs } = describe();
  const terms = outputs.map((y, k) => {
    const weight = g.input(`weight.${k}`, precision, y.shape ?? []);
    return g.op('ReduceSum', [g.op('Mul', [y, weight])], { keepdims: 0 });
  });
  const loss = terms.reduce((a, b) => g.op('Add', [a, b]));
  gradients(
    g,
    loss,
    names.map((name) => values[name]),
  ).forEach((gradient, i) => {
    g.output(g.op('Identity', [gradient]), `gradient.${names[i]}`);
  });
  const backward = await Runner.open(lowerToStandard(g.build(), test.lowering));
  try {
    const fed = Object.fromEntries(weights.map((weight, k) => [`weight.${k}`, weight]));
    const found = await backward.run({ ...point, ...fed });
    const lossAt = async () => {
      const at = await plain.run(point);
      return weights.reduce((sum, weight, k) => {
        const y = (at[`output.${k}`] as OrtTensor).data as Float64Array;
        return sum + y.reduce((inner, v, i) => inner + v * weight.data[i]!, 0);
      }, 0);
    };
    let worst = 0;
    for (const name of names) {
      const { data, dims } = point[name]!;
      const result = found[`gradient.${name}`] as OrtTensor;
      if (result.dims.join() !== dims.join()) {
        throw new Error(`The gradient of ${name} is of [${result.dims.join()}], not [${dims.join()}]`);
      }
      const analytic = result.data as Float64Array;
      const scale = 1 + analytic.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const order = Array.from(data, (_, i) => i).sort(() => next() - 0.5);
      for (const i of order.slice(0, ELEMENTS)) {
        const kept = data[i]!;
        data[i] = kept + step;
        const [above, high] = [await lossAt(), data[i]!];
        data[i] = kept - step;
        const [below, low] = [await lossAt(), data[i]!];
        data[i] = kept;
        const error = Math.abs((above - below) / (high - low) - analytic[i]!) / scale / tolerance;
        worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
      }
    }
    return worst;
  } finally {
    await plain.close();
    await backward.close();
  }
}
