/** Runs networks over faces under changes. */
import { decodePicture, LookWriter } from '../../data/index.js';
import type { FaceNetworks } from '../../estimate/node.js';
import { expectedAge } from '../../metrics/index.js';
import type { LabelledPicture } from '../pictures.js';
import { predictionsOf } from '../predict.js';
import type { AgesUnderChanges, FaceUnderChanges } from './ages.js';
import { CHANGES } from './changes.js';

/** The ages of faces with the names of all changes. */
export const agesUnderChanges = (faces: readonly FaceUnderChanges[]): AgesUnderChanges => ({
  changes: CHANGES.map(({ kind, level }) => ({ kind, level })),
  faces,
});

/** Views of one run of the networks. */
const BATCH = 16;

/**
 * The ages predicted for chosen faces under all changes, one face after another.
 * @param places of the faces among the pictures, in ascending order
 * @throws the signal's reason where it is aborted
 */
export async function* predictUnderChanges(
  pictures: AsyncIterable<LabelledPicture>,
  places: readonly number[],
  networks: Pick<FaceNetworks, 'findLabelled' | 'allocate' | 'predict' | 'models'>,
  signal?: AbortSignal,
): AsyncGenerator<FaceUnderChanges, void, undefined> {
  const writers = networks.models.map(({ input }) => new LookWriter(input));
  let next = 0;
  let place = -1;
  for await (const picture of pictures) {
    if (next === places.length) return;
    if (++place !== places[next]) continue;
    next++;
    signal?.throwIfAborted();
    const decoded = await decodePicture(await picture.bytes(), picture.file);
    // The decoder reuses its memory, and JPEG compression decodes.
    const found = await networks.findLabelled({ ...decoded, data: decoded.data.slice() }, picture.box);
    if (found === undefined) continue;
    yield { face: place, ages: await agesOf(found, place, networks, writers) };
  }
}

async function agesOf(
  { image, region }: NonNullable<Awaited<ReturnType<FaceNetworks['findLabelled']>>>,
  face: number,
  networks: Pick<FaceNetworks, 'allocate' | 'predict' | 'models'>,
  writers: readonly LookWriter[],
): Promise<number[][]> {
  const ages: number[][] = [];
  for (let from = 0; from < CHANGES.length; from += BATCH) {
    const changes = CHANGES.slice(from, from + BATCH);
    const crops = networks.allocate(changes.length);
    for (const [i, change] of changes.entries()) {
      for (const [m, writer] of writers.entries()) {
        const look = change.look(face, networks.models[m]!.input.width);
        const size = crops[m]!.length / changes.length;
        await writer.write(image, region, look, crops[m]!, i * size);
      }
    }
    const outputs = await networks.predict(crops, changes.length);
    ages.push(...outputs.map((views) => predictionsOf(views).map(({ years }) => expectedAge(years))));
  }
  return ages;
}
