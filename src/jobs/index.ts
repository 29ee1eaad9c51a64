/** Jobs for many machines (Node): submission, queue and worker. */
export { JobsError } from './error.js';
export { type FailedJob, JobsQueue, type RunStatus } from './queue.js';
export { keepsFile, refusal } from './redis.js';
export type { ModelReference, Run, Task, TaskOf } from './schemas.js';
export { LOCK_SECONDS, MOST_TAKEOVERS, PREDICTION_BATCH, SHARD_PICTURES } from './settings.js';
export { retry, submit, workFolder, writeList } from './submit.js';
export { JobsWorker, type WorkerOptions } from './worker.js';
