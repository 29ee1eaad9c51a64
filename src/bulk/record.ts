/** A picture's results as plain data: what `--json` prints; tables, CSV and Parquet are made from it. */
import { maskAddress } from '../errors/index.js';
import { type FaceDetails, type FaceRecord, faceRecord, type ImageEstimate } from '../estimate/index.js';
import { ImageError } from '../vision/index.js';

export type { FaceRecord } from '../estimate/index.js';

export interface PictureRecord {
  /** The path as given or found, `-` for standard input. */
  readonly file: string;
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceRecord[];
}

/** The record of a picture that could not be estimated. */
export interface FailureRecord {
  /** As of `PictureRecord`; an address, which is not fetched, without its secrets. */
  readonly file: string;
  /** One sentence. */
  readonly error: string;
}

/** Optional details printed for a face. */
export type Details = FaceDetails;

export function pictureRecord(file: string, estimate: ImageEstimate, details: Details): PictureRecord {
  const { width, height, faces } = estimate;
  return { file, width, height, faces: faces.map((face) => faceRecord(face, details)) };
}

/** @param name the picture's name in the sentence */
export function failureRecord(file: string, error: Error, name = maskAddress(file) || "''"): FailureRecord {
  const problem =
    error instanceof ImageError
      ? `expected ${error.expected}, found ${error.found}`
      : error.message.replace(/^image: /, '');
  return { file: maskAddress(file), error: `${name}: ${problem.split('\n')[0]}` };
}
