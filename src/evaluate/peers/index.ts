/** Peers by name, each loaded on demand. */
import { decodePicture } from '../../data/index.js';
import { type FaceTable, faceTable } from '../../metrics/index.js';
import type { LabelledPicture } from '../pictures.js';
import type { PredictedFace } from '../predictions.js';
import type { Peer } from './peer.js';

export type { Peer } from './peer.js';

export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'face-api': async () => (await import('./face-api.js')).faceApi(),
  human: async () => (await import('./human.js')).human(),
};

/**
 * The predictions of a peer for the pictures that models were run on.
 * @param faces the models' predictions for the same pictures in the same order; unreadable ones are left out
 */
export async function peerTable(
  peer: Peer,
  pictures: AsyncIterable<LabelledPicture>,
  faces: readonly PredictedFace[],
  { cropped, signal, onPicture }: PeerOptions,
): Promise<FaceTable> {
  const rows = [];
  let i = 0;
  for await (const { file, box, bytes, label, gender, columns } of readable(pictures, faces)) {
    signal?.throwIfAborted();
    const image = await decodePicture(await bytes(), file);
    rows.push({ label, gender, columns, prediction: await peer.estimate(image, box, cropped) });
    onPicture?.(++i);
  }
  return faceTable(rows);
}

export interface PeerOptions {
  readonly cropped: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onPicture?: (done: number) => void;
}

async function* readable(
  pictures: AsyncIterable<LabelledPicture>,
  faces: readonly PredictedFace[],
): AsyncGenerator<LabelledPicture> {
  let i = 0;
  for await (const picture of pictures) if (faces[i++]?.problem === undefined) yield picture;
}
