/** The models that ship, and how each is made. */
import type { Model } from '../../src/onnx/index.js';
import { buildDetector } from './detector.js';
import { buildAgeModel } from './hse-faceres.js';

export interface Shipped {
  /** Its name in models/. */
  readonly file: string;
  /** @param cache the folder of package archives */
  readonly build: (cache: string) => Promise<Model>;
  /** Of the file: whoever changes what is written here measures the model again and says so in its card. */
  readonly sha256: string;
}

export const SHIPPED: readonly Shipped[] = [
  {
    file: 'face-detector.onnx',
    build: buildDetector,
    sha256: '001528cf6d86ce05f275ccb78260035c7f83b2f5be7b21d64e272dbfe23a6e4d',
  },
  {
    file: 'hse-faceres.onnx',
    build: buildAgeModel,
    sha256: '4dfba7e3cfb3aba5524d64225acc351e18556d98493b6fca3c8a7999a8a7f0ed',
  },
];
