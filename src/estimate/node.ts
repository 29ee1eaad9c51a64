/** The estimator's platform in Node: sharp decodes, models are files. */
import { fileURLToPath } from 'node:url';
import { readModelSource } from '../registry/node.js';
import { createSession } from '../runtime/node.js';
import { decodeImage } from '../vision/node.js';
import type { Platform } from './estimator.js';

export const nodePlatform: Platform = {
  decode: (image) => decodeImage(image instanceof URL ? fileURLToPath(image) : image),
  readModel: readModelSource,
  createSession,
};
