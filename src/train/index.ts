/** Training: steps run one after another, their state kept and resumed. */
export { type Checkpoint, CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.js';
export { type StepResult, StepRunner, type UpdateOptions } from './step-runner.js';
export { chooseTarget } from './target.js';
