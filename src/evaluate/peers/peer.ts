/** Other libraries that estimate age and gender, if installed. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FaceRow } from '../../metrics/index.js';
import { EvaluationError } from '../error.js';

export interface PeerPicture {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A box in pixels. */
export interface PeerBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Peer {
  readonly name: string;
  /**
   * Its estimate for the face in a labelled box, or for the largest face; undefined if it finds none.
   * @param cropped whether the picture is already cropped to the face; some libraries detect the face all the same
   */
  estimate(picture: PeerPicture, box: PeerBox | undefined, cropped: boolean): Promise<FaceRow['prediction']>;
}

/** The part of TensorFlow.js that is used here. */
export interface TensorFlow {
  tensor(data: ArrayLike<number>, shape: readonly number[], type: 'int32' | 'float32'): object;
  dispose(tensor: object): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}

/** Packages are looked for from the working folder, then from Agewise's own. */
const FOLDERS = [join(process.cwd(), 'package.json'), import.meta.url];

/**
 * The path of a package's file, even if the package does not export it.
 * @throws EvaluationError if the package is not installed
 */
export function peerFile(peer: string, name: string, file: string): string {
  const path = FOLDERS.flatMap((from) => createRequire(from).resolve.paths(name) ?? [])
    .map((folder) => join(folder, name, file))
    .find(existsSync);
  if (path !== undefined) return path;
  throw new EvaluationError(
    { subject: `Peer '${peer}'`, expected: `the package ${name} (npm install ${name})`, found: 'none' },
    { kind: 'missing' },
  );
}

/** Loads a package's CommonJS module, whose type the caller states. */
export const loadPeer = <T>(path: string): T => createRequire(import.meta.url)(path) as T;

/** The face that a label belongs to: the one that overlaps its box most, or the largest. */
export function labelledOf<T extends { readonly box: PeerBox }>(
  faces: readonly T[],
  box: PeerBox | undefined,
): T | undefined {
  const shared = (a: PeerBox, b: PeerBox) =>
    Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
    Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));
  const score = (face: T) => (box === undefined ? face.box.width * face.box.height : shared(face.box, box));
  const best = faces.reduce<T | undefined>((a, b) => (a && score(a) >= score(b) ? a : b), undefined);
  return best !== undefined && score(best) > 0 ? best : undefined;
}

/** The part of a picture inside a box. */
export function cut(picture: PeerPicture, box: PeerBox | undefined): PeerPicture {
  if (box === undefined) return picture;
  const x = Math.max(0, Math.floor(box.x));
  const y = Math.max(0, Math.floor(box.y));
  const width = Math.max(1, Math.min(picture.width, Math.ceil(box.x + box.width)) - x);
  const height = Math.max(1, Math.min(picture.height, Math.ceil(box.y + box.height)) - y);
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((y + row) * picture.width + x);
    data.set(picture.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { width, height, data };
}
