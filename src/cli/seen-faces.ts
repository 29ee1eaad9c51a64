/** Measuring on faces that a model has seen: refused, unless `--seen-faces` asks for it. */
import { howSeen, type PicturesOrigin, type PredictedModel } from '../evaluate/index.js';
import { UsageError } from './usage.js';

const VERBS = { trained: 'has learned from', calibrated: 'was calibrated on' } as const;

/** @throws UsageError where a model has learned from these faces, or was calibrated on them */
export function refuseSeenFaces(models: readonly PredictedModel[], data: PicturesOrigin): void {
  for (const model of models) {
    const ways = howSeen(model, data).map((way) => VERBS[way]);
    if (ways.length === 0) continue;
    throw new UsageError(
      `Model '${model.name}' ${ways.join(' and ')} these faces, so that figures of them would mislead; --seen-faces measures it all the same, and notes it`,
    );
  }
}
