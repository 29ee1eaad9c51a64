/** The shipped models that are made from published ones; train-shipped.sh trains the others. */
import type { Model } from '../../src/onnx/index.js';
import { buildDetector } from './detector.js';

/** A model that a script makes. */
export interface MadeModel {
  /** The name of its file. */
  readonly file: string;
  /** @param cache the folder of package archives */
  readonly build: (cache: string) => Promise<Model>;
  /** The hash of the file. If it changes, evaluate the model again and update its card. */
  readonly sha256: string;
}

export const SHIPPED: readonly MadeModel[] = [
  {
    file: 'face-detector.onnx',
    build: buildDetector,
    sha256: 'dd04d067c8c2b1241e6681164db30d2058fdc539eb44f34d4c646e00bb4a8f59',
  },
];
