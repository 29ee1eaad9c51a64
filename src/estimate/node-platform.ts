/** A pipeline's platform in Node: sharp decodes, models are files. */
import { readModelSource } from '../registry/node.js';
import { decodeImage } from '../vision/node.js';
import type { Platform } from './local-pipeline.js';
import { createSession, readyModel } from './node-sessions.js';

export const nodePlatform: Platform = {
  decode: (picture, name, maxPixels, admit) =>
    decodeImage(picture as string | Uint8Array, {
      name,
      admit,
      ...(maxPixels !== undefined && { maxPixels }),
    }),
  readModel: readModelSource,
  openModel: async (source) => (await import('./open-model.js')).openModel(source),
  createSession,
  readyModel,
};
