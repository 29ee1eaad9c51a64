import type { GraphBuilder, Value } from '../onnx/index.js';

/**
 * Elementwise binary cross-entropy, in nats: −t log σ(z) − (1 − t) log(1 − σ(z)) for logits z and target probabilities
 * t. Computed as log(1 + eᶻ) − t·z, which is finite for every finite z.
 */
export const binaryCrossEntropy = (g: GraphBuilder, logits: Value, targets: Value): Value =>
  g.op('Sub', [g.op('Softplus', [logits]), g.op('Mul', [targets, logits])]);
