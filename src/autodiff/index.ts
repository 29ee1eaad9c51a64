/** Gradients of ONNX graphs. */
export {
  GradientContext,
  GradientError,
  type GradientRule,
  type GradientRules,
} from './context.js';
export { type GradientOptions, gradients } from './gradients.js';
export { registerGradient } from './registry.js';
export * from './step/index.js';
