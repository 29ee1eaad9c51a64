/** Runs `agewise jobs evaluate`. */
import { resolve } from 'node:path';
import { storePictures } from '../../evaluate/index.js';
import { PREDICTION_BATCH, SHARD_PICTURES } from '../../jobs/index.js';
import type { JobsEvaluateFlags } from './flags.js';
import { modelReferences } from './models.js';
import { mustBeFree } from './run-estimate.js';
import { submitted } from './submitted.js';

/** @returns the exit code */
export async function submitEvaluate(flags: JobsEvaluateFlags): Promise<number> {
  await mustBeFree(flags.out);
  return submitted(flags, async () => {
    const { split, part, cropped = false, device, shardSize = SHARD_PICTURES } = flags;
    const store = resolve(flags.data);
    const pictures = await storePictures(store, { split, part });
    await pictures.close();
    return {
      kind: 'evaluate',
      models: await modelReferences(flags.model),
      store,
      fingerprint: pictures.origin.fingerprint!,
      ...(split !== undefined && { split }),
      ...(part !== undefined && { part }),
      cropped,
      device,
      // A multiple of the batch size, so that the networks see the same batches as in one process.
      size: Math.ceil(shardSize / PREDICTION_BATCH) * PREDICTION_BATCH,
    };
  });
}
