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
    sha256: '597a7a347ca74e36e7fe14a83b1e81dc1128ff96ab32877b6bbf921f774f9f98',
  },
];
