/** The models that ship, and how each is made. */
import type { Model } from '../../src/onnx/index.js';
import { buildDetector } from './detector.js';
import { buildAgeModel } from './hse-faceres.js';

/** A model that a script makes. */
export interface MadeModel {
  /** The name of its file. */
  readonly file: string;
  /** @param cache the folder of package archives */
  readonly build: (cache: string) => Promise<Model>;
  /** Of the file: whoever changes what is written here measures the model again and says so in its card. */
  readonly sha256: string;
}

export const SHIPPED: readonly MadeModel[] = [
  {
    file: 'face-detector.onnx',
    build: buildDetector,
    sha256: 'a42eb1e94dd3f95b0c8789b4dbbfee286eced4334a6bec0b9bef25f4795deec9',
  },
  {
    file: 'hse-faceres.onnx',
    build: buildAgeModel,
    sha256: 'cf11454517f22e653c1027ad0c6d08561fb6fac12b30652a4bad2e81ec613362',
  },
];
