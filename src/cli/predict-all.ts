/** Runs networks over all labelled pictures, with a progress bar. */
import type { FaceNetworks } from '../estimate/node.js';
import { type Journal, type LabelledPictures, type PredictedFace, predictFaces } from '../evaluate/index.js';
import type { Console } from './console.js';
import { Progress } from './progress.js';

/** @param journal earlier predictions, after which it continues, and to which it adds new ones */
export async function predictAll(
  pictures: LabelledPictures,
  networks: FaceNetworks,
  console: Console,
  signal: AbortSignal,
  journal?: Journal,
): Promise<PredictedFace[]> {
  const progress = new Progress(process.stderr, await total(pictures));
  console.progress = progress;
  const faces: PredictedFace[] = [...(journal?.faces ?? [])];
  progress.continueFrom(faces.length);
  try {
    for await (const batch of predictFaces(pictures.pictures(), networks, { done: journal?.faces, signal })) {
      faces.push(...batch);
      await journal?.add(batch);
      progress.update(faces.length);
    }
  } finally {
    progress.stop();
  }
  return faces;
}

/** The number of pictures, counted in a separate pass if unknown; 0 if no progress bar is shown. */
async function total(pictures: LabelledPictures): Promise<number> {
  if (pictures.count !== undefined || !process.stderr.isTTY) return pictures.count ?? 0;
  let count = 0;
  for await (const _ of pictures.pictures()) count++;
  return count;
}
