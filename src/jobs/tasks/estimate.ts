/** Estimates of any number of pictures in shards, joined into one Parquet file in the order of the inputs. */
import {
  type BulkPicture,
  estimateAll,
  estimatesInfo,
  joinEstimates,
  openStore,
  recordRows,
  sameRequest,
  writeEstimates,
} from '../../bulk/node.js';
import { AgeEstimator } from '../../estimate/index.js';
import { writeWholeShared } from '../../files/index.js';
import { JobsError } from '../error.js';
import type { Job, RunOf } from '../schemas.js';
import type { JobContext, TaskKind } from './context.js';
import { readRunModels } from './models.js';
import { listed, listShards, rowShards, shardPath } from './shards.js';

export const estimateTask: TaskKind<'estimate'> = {
  async *jobs({ id, task: { source, size } }) {
    if (source.kind === 'list') return yield* listShards(id, source.path, size);
    const store = await openStore(source.folder);
    await store.close();
    yield* rowShards(id, store.length, size);
  },

  async runJob(run, { number, stretch }, context) {
    const { request } = run.task;
    const path = shardPath(run, number);
    const { first, count } = stretch!;
    const done = await estimatesInfo(path);
    if (done?.first === first && done.pictures === count && sameRequest(done.request, request)) return;
    const estimator = await estimatorOf(run, context);
    await writeWholeShared(path, async (partial) => {
      const { details } = request;
      const { signal } = context;
      const chosen = await pictures(run, stretch!, context);
      const records = estimateAll(estimator, chosen, { details, signal });
      const { pictures: found } = await writeEstimates(partial, request, recordRows(records, request));
      if (found === count) return;
      throw new JobsError(
        {
          subject: `shard ${number}`,
          expected: `${count} pictures, as when it was submitted`,
          found: `${found}`,
        },
        { kind: 'input' },
      );
    });
  },

  async join(run) {
    const parts = [];
    let pictures = 0;
    for await (const { number, stretch } of estimateTask.jobs(run)) {
      parts.push({ path: shardPath(run, number!), first: stretch!.first });
      pictures += stretch!.count;
    }
    await joinEstimates(run.out, parts, run.task.request, { pictures });
  },
};

function estimatorOf(
  { task }: RunOf<'estimate'>,
  { estimators, threads }: JobContext,
): Promise<AgeEstimator> {
  const { models, request } = task;
  return estimators.get(JSON.stringify([models, request.options, threads]), async () => {
    const { maxPixels, ...options } = request.options;
    const read = await readRunModels(models);
    return AgeEstimator.load({
      ...options,
      models: read.map(({ name, bytes }) => ({ name, model: bytes })),
      // Keeps the event loop free to renew the lock on the job.
      worker: true,
      ...(maxPixels !== undefined && { maxPixels }),
      ...(threads !== undefined && { threads }),
    });
  });
}

async function pictures(
  { task: { source } }: RunOf<'estimate'>,
  stretch: NonNullable<Job['stretch']>,
  { stores }: JobContext,
): Promise<AsyncIterable<BulkPicture>> {
  if (source.kind === 'list') return listed(source.path, stretch);
  const { folder, fingerprint } = source;
  const store = await stores.get(JSON.stringify([folder, fingerprint]), async () => {
    const opened = await openStore(folder);
    if (opened.fingerprint === fingerprint) return opened;
    await opened.close();
    throw new JobsError(
      { subject: folder, expected: 'the store that the run was submitted with', found: 'another' },
      { kind: 'input' },
    );
  });
  return store.pictures(stretch.first, stretch.first + stretch.count);
}
