/**
 * Dropout in a training step. ONNX Runtime's own random generator keeps state between runs and differs between devices,
 * so an interrupted run could not be reproduced. A step takes its random numbers as an input instead.
 */
import {
  DATA_TYPES,
  everyName,
  float32,
  GraphBuilder,
  isOp,
  type Model,
  Names,
  type Node,
  node,
  type Tensor,
  type ValueInfo,
} from '../../onnx/index.js';
import type { NoiseInput } from './types.js';

const DEFAULT_RATIO = 0.5;
const [X, RATIO, TRAINING] = [0, 1, 2];

export const isDropout = (n: Node): boolean => isOp(n, 'Dropout');

/**
 * The model with each dropout in training as x · (noise ≥ ratio)/(1 − ratio), where noise is a new input of the shape of
 * x, `NAME.noise`.
 * @throws RangeError if a dropout's training mode or ratio is not constant.
 */
export function dropoutByNoise(model: Model): {
  readonly model: Model;
  readonly noise: readonly NoiseInput[];
} {
  const { graph } = model;
  if (!graph.nodes.some(isDropout)) return { model, noise: [] };
  const known = GraphBuilder.from(model);
  const names = new Names(everyName(graph));
  const noise: NoiseInput[] = [];
  const constants: Tensor[] = [];
  const nodes = graph.nodes.flatMap((n) => {
    if (!isDropout(n) || settingOf(known, n, TRAINING, 0) === 0) return n;
    const ratio = settingOf(known, n, RATIO, DEFAULT_RATIO);
    const x = known.value(n.inputs[X]!);
    if (x.shape === undefined) throw new RangeError(`Dropout '${n.name}' of a value of unknown shape`);
    const name = names.claim(`${n.name || n.outputs[0]}.noise`);
    noise.push({ name, shape: x.shape });
    constants.push(float32(`${name}.ratio`, [], [ratio]), float32(`${name}.factor`, [], [1 / (1 - ratio)]));
    return masked(name, n);
  });
  const inputs = noise.map(({ name, shape }): ValueInfo => ({ name, type: { dtype: 'float32', shape } }));
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        nodes,
        inputs: [...graph.inputs, ...inputs],
        initializers: new Map([
          ...graph.initializers,
          ...constants.map((t): [string, Tensor] => [t.name, t]),
        ]),
      },
    },
    noise,
  };
}

function masked(noise: string, { inputs, outputs }: Node): Node[] {
  const kept = outputs[1] || `${noise}.kept`;
  return [
    node('GreaterOrEqual', [noise, `${noise}.ratio`], [kept]),
    node('Cast', [kept], [`${noise}.mask`], { to: DATA_TYPES.float32 }),
    node('Mul', [`${noise}.mask`, `${noise}.factor`], [`${noise}.scale`]),
    node('Mul', [inputs[X]!, `${noise}.scale`], [outputs[0]!]),
  ];
}

function settingOf(known: GraphBuilder, n: Node, i: number, fallback: number): number {
  const name = n.inputs[i];
  if (!name) return fallback;
  const value = known.numbers(known.value(name))?.[0];
  if (value !== undefined) return value;
  throw new RangeError(`Dropout '${n.name}' must take constants, found '${name}', which is computed`);
}
