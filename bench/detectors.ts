/** The face detectors that `bench:detect` can judge, by name. */
import type { DetectedFace, PixelImage } from '../src/vision/types.js';
import { YuNet } from './reference/yunet.js';

/** A face detector as the benchmark sees it. */
export interface Detector {
  detect(image: PixelImage): Promise<DetectedFace[]>;
  dispose(): Promise<void>;
}

/** Loads a detector that uses the given number of threads. */
export type LoadDetector = (options: { threads: number }) => Promise<Detector>;

/** YuNet stands among them to check the benchmark itself: against its own boxes it must score 100% and 0%. */
export const DETECTORS: Readonly<Record<string, LoadDetector>> = {
  yunet: (options) => YuNet.load(options),
};

export const DEFAULT_DETECTOR = 'yunet';
