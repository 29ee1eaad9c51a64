/** The face detectors that `bench:detect` can judge, by name. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSession } from '../src/runtime/node.js';
import { type DetectedFace, FaceDetector, type PixelImage } from '../src/vision/index.js';
import { ROOT } from './lib/paths.js';
import { YuNet } from './reference/yunet.js';

/** A face detector as the benchmark sees it. */
export interface Detector {
  /** `options` are those of FaceDetector; other detectors may ignore them. */
  detect(image: PixelImage, options?: { readonly minScore?: number }): Promise<DetectedFace[]>;
  dispose(): Promise<void>;
}

/** Loads a detector that uses the given number of threads. */
export type LoadDetector = (options: { threads: number }) => Promise<Detector>;

/** YuNet is included to check the benchmark itself: against its own boxes it must score 100% and 0%. */
export const DETECTORS: Readonly<Record<string, LoadDetector>> = {
  agewise: async (options) =>
    new FaceDetector(
      await createSession(
        await readFile(path.join(ROOT, 'models', 'face-detector.onnx')),
        'face-detector',
        options,
      ),
    ),
  yunet: (options) => YuNet.load(options),
};

export const DEFAULT_DETECTOR = 'agewise';
