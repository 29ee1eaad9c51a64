/** Runs `agewise jobs evaluate`. */
import { resolve } from 'node:path';
import { predictedModels, storePictures } from '../../evaluate/index.js';
import { PREDICTION_BATCH, SHARD_PICTURES } from '../../jobs/index.js';
import { BOOTSTRAP } from '../../metrics/index.js';
import { mustEstimateAges } from '../predict-changed.js';
import { refuseSeenFaces } from '../seen-faces.js';
import { UsageError } from '../usage.js';
import type { JobsEvaluateFlags } from './flags.js';
import { factsOf, modelReferences } from './models.js';
import { mustBeFree } from './run-estimate.js';
import { submitted } from './submitted.js';

/** @returns the exit code */
export async function submitEvaluate(flags: JobsEvaluateFlags): Promise<number> {
  await mustBeFree(flags.out);
  return submitted(flags, async () => {
    const { split, part, cropped = false, flip = false, robustness, device } = flags;
    const store = resolve(flags.data);
    const { origin, count, ...opened } = await storePictures(store, { split, part });
    await opened.close();
    if (count === 0) throw new UsageError(`--data: expected pictures, found none in '${flags.data}'`);
    const models = await modelReferences(flags.model);
    const facts = await factsOf(models);
    if (robustness !== undefined) mustEstimateAges(facts);
    if (!flags.seenFaces) refuseSeenFaces(predictedModels(models, facts), origin);
    return {
      kind: 'evaluate',
      models,
      store,
      fingerprint: origin.fingerprint!,
      ...(split !== undefined && { split }),
      ...(part !== undefined && { part }),
      cropped,
      flip,
      ...(robustness !== undefined && { robustness: { faces: robustness, seed: BOOTSTRAP.seed } }),
      device,
      // A multiple of the batch size, so that the networks see the same batches as in one process.
      size: Math.ceil((flags.shardSize ?? SHARD_PICTURES) / PREDICTION_BATCH) * PREDICTION_BATCH,
    };
  });
}
