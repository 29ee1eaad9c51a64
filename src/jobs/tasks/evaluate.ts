/** Predictions of models on a store in shards, joined into one file for `agewise evaluate --predictions`. */
import { type FaceNetworks, loadFaceNetworks } from '../../estimate/node.js';
import {
  agesUnderChanges,
  chooseFaces,
  type FaceUnderChanges,
  hasKnownAge,
  type PredictedFace,
  type Predictions,
  type PredictionsInfo,
  predictedModels,
  predictFaces,
  predictUnderChanges,
  readPredictions,
  type StorePictures,
  storePictures,
  writePredictionBatches,
} from '../../evaluate/index.js';
import { exists, writeWholeShared } from '../../files/index.js';
import { JobsError } from '../error.js';
import type { RunOf } from '../schemas.js';
import type { JobContext, TaskKind } from './context.js';
import { readRunModels } from './models.js';
import { rowShards, shardPath, upTo } from './shards.js';

export const evaluateTask: TaskKind<'evaluate'> = {
  async *jobs(run) {
    const pictures = await opened(run);
    await pictures.close();
    yield* rowShards(run.id, pictures.count, run.task.size);
  },

  async runJob(run, { number, stretch }, context) {
    const path = shardPath(run, number);
    if (await exists(path)) return;
    const networks = await networksOf(run, context);
    const pictures = await picturesOf(run, context);
    const { first, count } = stretch!;
    const chosen = upTo(count, pictures.pictures(first));
    await writeWholeShared(path, (partial) =>
      writePredictionBatches(
        partial,
        infoOf(run, networks, pictures),
        predictFaces(chosen, networks, { signal: context.signal }),
        async () => ({ leftOut: [] }),
      ),
    );
  },

  async join(run, context) {
    const { info } = await readPredictions(shardPath(run, 0));
    const known: number[] = [];
    const batches = async function* () {
      let place = 0;
      for await (const faces of shardsOf(run)) {
        if (run.task.robustness) {
          for (const [i, face] of faces.entries()) if (hasKnownAge(face)) known.push(place + i);
        }
        place += faces.length;
        yield faces;
      }
    };
    await writeWholeShared(run.out, (partial) =>
      writePredictionBatches(partial, info, batches(), async () => ({
        leftOut: [],
        robustness: await robustnessOf(run, known, context),
      })),
    );
  },
};

/** The faces of each shard. */
async function* shardsOf(run: RunOf<'evaluate'>): AsyncGenerator<readonly PredictedFace[]> {
  for await (const { number, stretch } of evaluateTask.jobs(run)) {
    const { faces } = await readPredictions(shardPath(run, number!));
    if (faces.length !== stretch!.count) {
      throw new JobsError(
        { subject: `shard ${number}`, expected: `${stretch!.count} rows`, found: `${faces.length}` },
        { kind: 'failed' },
      );
    }
    yield faces;
  }
}

/** Which faces are looked at is known only when all have been found, so the job that joins does it. */
async function robustnessOf(
  run: RunOf<'evaluate'>,
  known: readonly number[],
  context: JobContext,
): Promise<Predictions['robustness']> {
  if (run.task.robustness === undefined) return undefined;
  const { faces: most, seed } = run.task.robustness;
  const chosen = chooseFaces(known, most, seed);
  const networks = await networksOf(run, context);
  const pictures = (await picturesOf(run, context)).pictures();
  const faces: FaceUnderChanges[] = [];
  for await (const face of predictUnderChanges(pictures, chosen, networks, context.signal)) faces.push(face);
  return agesUnderChanges(faces);
}

const infoOf = (
  { task: { models, cropped, flip } }: RunOf<'evaluate'>,
  networks: FaceNetworks,
  { origin }: StorePictures,
): PredictionsInfo => ({ models: predictedModels(models, networks.models), data: origin, cropped, flip });

function networksOf(
  { task: { models, cropped, flip, device } }: RunOf<'evaluate'>,
  { networks, threads }: JobContext,
): Promise<FaceNetworks> {
  return networks.get(JSON.stringify([models, cropped, flip, device, threads]), async () =>
    loadFaceNetworks({
      models: (await readRunModels(models)).map(({ name, bytes }) => ({ name, model: bytes })),
      cropped,
      flip,
      device,
      ...(threads !== undefined && { threads }),
    }),
  );
}

function picturesOf(run: RunOf<'evaluate'>, { labelled }: JobContext): Promise<StorePictures> {
  const { store, split, part, fingerprint } = run.task;
  return labelled.get(JSON.stringify([store, split, part, fingerprint]), () => opened(run));
}

async function opened({ task }: RunOf<'evaluate'>): Promise<StorePictures> {
  const { store, split, part, fingerprint } = task;
  const pictures = await storePictures(store, { split, part });
  if (pictures.origin.fingerprint === fingerprint) return pictures;
  await pictures.close();
  throw new JobsError(
    { subject: store, expected: 'the store that the run was submitted with', found: 'another' },
    { kind: 'input' },
  );
}
