/** The learning rate over a stage. */
import type { Stage } from './recipe/index.js';

/**
 * The learning rate of an update.
 * @param step the update in its stage, from 0
 * @param stepsPerEpoch updates in an epoch
 */
export function learningRate(stage: Stage, step: number, stepsPerEpoch: number): number {
  const warmUp = stage.warmUp * stepsPerEpoch;
  const rise = warmUp > 0 ? Math.min(1, (step + 1) / warmUp) : 1;
  return stage.rate * rise * decay(stage.schedule, step, step / (stage.epochs * stepsPerEpoch));
}

/** @param done the finished share of the stage, in 0..1 */
function decay(schedule: Stage['schedule'], step: number, done: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'cosine':
      return schedule.end + ((1 - schedule.end) * (1 + Math.cos(Math.PI * done))) / 2;
    case 'steps':
      return schedule.factor ** schedule.at.filter((at) => done >= at).length;
    case 'inverse':
      return 1 / (1 + schedule.decay * step);
  }
}
