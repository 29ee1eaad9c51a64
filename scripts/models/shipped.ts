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
    sha256: 'a42eb1e94dd3f95b0c8789b4dbbfee286eced4334a6bec0b9bef25f4795deec9',
  },
];
