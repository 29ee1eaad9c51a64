import type { GraphBuilder, Value } from '../onnx/index.js';

/**
 * Cross-entropy of a yes or no question, element by element, in nats: −t log σ(z) − (1 − t) log(1 − σ(z)) for logits z
 * and probabilities t of a yes. Written log(1 + eᶻ) − t·z, which is finite for every finite z.
 */
export const binaryCrossEntropy = (g: GraphBuilder, logits: Value, targets: Value): Value =>
  g.op('Sub', [g.op('Softplus', [logits]), g.op('Mul', [targets, logits])]);
