/**
 * The step that trains a last layer. What is trained is the layer's change, from zero: weight decay then draws it back to the
 * layer as it was (L2-SP; Li, Grandvalet and Davoine, "Explicit inductive bias for transfer learning", ICML 2018). Adam's
 * corrections are inputs, since ONNX Runtime's WebGPU builds for browsers have no float64.
 */
import { type StateEntry, trainingStep } from '../../autodiff/index.js';
import { crossEntropy, weightedMean } from '../../losses/index.js';
import { lower } from '../../lowering/index.js';
import { GraphBuilder, type Model } from '../../onnx/index.js';
import type { Device } from '../../runtime/index.js';

/** Inputs: standardized features `[N, width]`, logits before the change and targets, both `[N, classes]`. */
export const FEATURES = 'features';
export const LOGITS = 'logits';
export const TARGETS = 'targets';
/** Outputs: the logits after the change, and the batch's mean cross-entropy. */
export const CHANGED = 'changed';
export const LOSS = 'loss';
/** The change, as state of the step. */
export const WEIGHT = 'weight';
export const BIAS = 'bias';

export interface HeadStep {
  readonly model: Model;
  readonly state: readonly StateEntry[];
}

/** The step of a layer of that many features and classes, lowered for a device. */
export function headStep(
  { width, classes }: { readonly width: number; readonly classes: number },
  { weightDecay, device = 'cpu' }: { readonly weightDecay: number; readonly device?: Device | undefined },
): HeadStep {
  const g = new GraphBuilder({ name: 'head' });
  const features = g.input(FEATURES, 'float32', ['N', width]);
  const before = g.input(LOGITS, 'float32', ['N', classes]);
  const targets = g.input(TARGETS, 'float32', ['N', classes]);
  const weight = g.parameter(WEIGHT, 'float32', [width, classes], new Float32Array(width * classes));
  const bias = g.parameter(BIAS, 'float32', [classes], new Float32Array(classes));
  const changed = g.op('Add', [before, g.op('Gemm', [features, weight, bias])]);
  g.output(changed, CHANGED);
  g.output(weightedMean(g, crossEntropy(g, changed, targets)), LOSS);
  const { model, state } = trainingStep(g.build(), {
    loss: LOSS,
    groups: [{ parameters: [WEIGHT, BIAS], weightDecay }],
    optimizer: { kind: 'adam', corrections: 'inputs' },
  });
  return { model: lower(model, { target: device === 'webgpu' ? 'webgpu' : 'standard' }), state };
}
