/** The face detectors that `bench:detect` can judge, by name. */
import { setTimeout } from 'node:timers/promises';
import { loadFaceDetector } from '../src/estimate/node.js';
import type { DetectedFace, PixelImage } from '../src/vision/index.js';
import { YuNet } from './reference/yunet.js';

/** A face detector as the benchmark sees it. */
export interface Detector {
  /** `options` are those of FaceDetector; other detectors may ignore them. */
  detect(image: PixelImage, options?: { readonly minScore?: number }): Promise<DetectedFace[]>;
  dispose(): Promise<void>;
}

/** Loads a detector that uses the given number of threads. */
export type LoadDetector = (options: { threads: number }) => Promise<Detector>;

/** More than it takes to write an optimized network to the disk. */
const SAVING_MILLISECONDS = 2000;

/** YuNet is included to check the benchmark itself: against its own boxes it must score 100% and 0%. */
export const DETECTORS: Readonly<Record<string, LoadDetector>> = {
  agewise: async (options) => {
    // As everywhere but in the first process on a machine, which makes the optimized copy of the network.
    await loadFaceDetector(options).then((detector) => detector.dispose());
    await setTimeout(SAVING_MILLISECONDS);
    return loadFaceDetector(options);
  },
  yunet: (options) => YuNet.load(options),
};

export const DEFAULT_DETECTOR = 'agewise';
