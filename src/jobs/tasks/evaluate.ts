/** Predictions of models on a store in shards, joined into one file for `agewise evaluate --predictions`. */
import { loadFaceNetworks } from '../../estimate/node.js';
import {
  type PredictedFace,
  type PredictionsInfo,
  predictedModels,
  predictFaces,
  readPredictions,
  storePictures,
  writePredictions,
} from '../../evaluate/index.js';
import { exists, writeWholeShared } from '../../files/index.js';
import { JobsError } from '../error.js';
import type { RunOf } from '../schemas.js';
import type { TaskKind } from './context.js';
import { readRunModels } from './models.js';
import { rowShards, shardPath, sliced } from './shards.js';

export const evaluateTask: TaskKind<'evaluate'> = {
  async *jobs(run) {
    const pictures = await opened(run);
    await pictures.close();
    yield* rowShards(run.id, pictures.count!, run.task.size);
  },

  async runJob(run, { number, stretch }, { signal, threads, networks: loaded }) {
    const path = shardPath(run, number);
    if (await exists(path)) return;
    const { models, cropped, device } = run.task;
    const networks = await loaded.get(JSON.stringify([models, cropped, device, threads]), async () =>
      loadFaceNetworks({
        models: (await readRunModels(models)).map(({ name, bytes }) => ({ name, model: bytes })),
        cropped,
        device,
        ...(threads !== undefined && { threads }),
      }),
    );
    const pictures = await opened(run);
    try {
      const info: PredictionsInfo = {
        models: predictedModels(models, networks.models),
        data: pictures.origin,
        cropped,
        flip: false,
      };
      const { first, count } = stretch!;
      const faces: PredictedFace[] = [];
      for await (const batch of predictFaces(sliced(pictures.pictures(), first, count), networks, { signal }))
        faces.push(...batch);
      await writeWholeShared(path, (partial) => writePredictions(partial, { info, faces, leftOut: [] }));
    } finally {
      await pictures.close();
    }
  },

  async join(run) {
    const faces: PredictedFace[] = [];
    let info: PredictionsInfo | undefined;
    for await (const { number, stretch } of evaluateTask.jobs(run)) {
      const shard = await readPredictions(shardPath(run, number!));
      if (shard.faces.length !== stretch!.count) {
        throw new JobsError(
          { subject: `shard ${number}`, expected: `${stretch!.count} rows`, found: `${shard.faces.length}` },
          { kind: 'failed' },
        );
      }
      info ??= shard.info;
      faces.push(...shard.faces);
    }
    const predictions = { info: info!, faces, leftOut: [] };
    await writeWholeShared(run.out, (partial) => writePredictions(partial, predictions));
  },
};

async function opened({ task }: RunOf<'evaluate'>) {
  const { store, split, part, fingerprint } = task;
  const pictures = await storePictures(store, { split, part });
  if (pictures.origin.fingerprint === fingerprint) return pictures;
  await pictures.close();
  throw new JobsError(
    { subject: store, expected: 'the store that the run was submitted with', found: 'another' },
    { kind: 'input' },
  );
}
