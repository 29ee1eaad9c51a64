/** Training steps: a forward graph, its gradients and an optimizer in one graph, and the way back to inference. */
export { adamCorrections } from './adam.js';
export { OPTIMIZER_DEFAULTS } from './defaults.js';
export { evaluationGraph, inferenceGraph, stateWeights, withWeights } from './export.js';
export { carriedState, initialTensor } from './state.js';
export { trainingStep } from './training-step.js';
export * from './types.js';
