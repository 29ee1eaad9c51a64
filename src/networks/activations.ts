/** Activations beyond ReLU. */
import type { Value } from '../onnx/index.js';
import type { Layers } from './layers.js';

export type Activation = (l: Layers, x: Value) => Value;

export const relu: Activation = (l, x) => l.relu(x);
export const relu6: Activation = (l, x) => l.relu6(x);

/** x · sigmoid(x) (Elfwing et al. 2018). */
export const silu: Activation = (l, x) => l.g.op('Mul', [x, sigmoid(l, x)]);

export const sigmoid: Activation = (l, x) => l.g.op('Sigmoid', [x]);

/** x · max(0, min(1, x/6 + 1/2)) (Howard et al., ICCV 2019). */
export const hardSwish: Activation = (l, x) => l.g.op('HardSwish', [x]);

/** max(0, min(1, x/6 + 1/2)) */
export const hardSigmoid: Activation = (l, x) => l.g.op('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 });
