/** The child process that estimates: one estimator, which uses one thread. */
import sharp from 'sharp';
import { AgeEstimator, faceRecord } from '../../estimate/node.js';
import { runChild } from './child-main.js';
import type { ChildOptions, PictureAnswer, PictureTask } from './protocol.js';

runChild<ChildOptions, PictureTask, PictureAnswer>({
  async load(options) {
    // No picture comes twice, and there are as many processes as cores.
    sharp.cache(false);
    sharp.concurrency(1);
    const estimator = await AgeEstimator.load({ threads: 1, ...options });
    return {
      async run({ picture, faces: options, details }) {
        const { width, height, faces } = await estimator.estimate(picture, options);
        return { width, height, faces: faces.map((face) => faceRecord(face, details)) };
      },
      end: () => estimator.dispose(),
    };
  },
});
