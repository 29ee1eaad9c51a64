/** `--robustness`: runs the networks on some of the faces under changes, with a progress bar. */
import type { FaceNetworks } from '../estimate/node.js';
import {
  type AgesUnderChanges,
  agesUnderChanges,
  chooseFaces,
  type FaceUnderChanges,
  hasKnownAge,
  type Journal,
  type LabelledPictures,
  type PredictedFace,
  predictUnderChanges,
} from '../evaluate/index.js';
import type { ModelMetadata } from '../metadata/index.js';
import type { Console } from './console.js';
import { Progress } from './progress.js';
import { UsageError } from './usage.js';

/** @throws UsageError if a model predicts gender alone */
export function mustEstimateAges(models: readonly Pick<ModelMetadata, 'name' | 'age'>[]): void {
  const other = models.find(({ age }) => age === null);
  if (other === undefined) return;
  throw new UsageError(
    `--robustness: expected models that estimate ages, found '${other.name}', of gender alone`,
  );
}

/** @param most faces, drawn by `seed` from those that were found and have a label of age */
export async function predictSomeChanged(
  pictures: LabelledPictures,
  predicted: readonly PredictedFace[],
  networks: FaceNetworks,
  { most, seed }: { readonly most: number; readonly seed: number },
  console: Console,
  signal: AbortSignal,
  journal?: Journal,
): Promise<AgesUnderChanges> {
  const known = predicted.flatMap((face, place) => (hasKnownAge(face) ? [place] : []));
  const chosen = chooseFaces(known, most, seed);
  const done = new Set(journal?.changed.map(({ face }) => face));
  const faces: FaceUnderChanges[] = [...(journal?.changed ?? [])];
  const progress = new Progress(process.stderr, chosen.length);
  console.progress = progress;
  try {
    const left = chosen.filter((place) => !done.has(place));
    for await (const face of predictUnderChanges(pictures.pictures(), left, networks, signal)) {
      faces.push(face);
      await journal?.addChanged(face);
      progress.update(faces.length, 'under changes');
    }
  } finally {
    progress.stop();
  }
  return agesUnderChanges(faces);
}
