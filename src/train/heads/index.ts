/**
 * Fine-tuning of a model's last layer for ages on features computed once: small enough for a browser tab. The step is a graph
 * like any other, lowered for its device. Browser-safe: the caller supplies the sessions.
 */
export type { HeadSample } from './faces.js';
export { type HeadNetwork, type HeadView, headNetwork, headViews, type Layer, withHead } from './network.js';
export { headStep } from './step.js';
export { type HeadEpoch, type HeadOptions, type HeadSamples, type TrainedHead, trainHead } from './train.js';
