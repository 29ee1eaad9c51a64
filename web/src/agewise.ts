/** What the page uses of the library. */
export { yearProbabilities } from '../../src/age/index.js';
export * from '../../src/estimate/web.js';
export { type FineTuned, fineTune, type HeadEpoch, labelledFolder } from '../../src/train/web.js';
export { drawFaces, rgbImage } from '../../src/vision/index.js';
