/** The estimator's platform in Node: sharp decodes, pictures and models are files. */
import { fileURLToPath } from 'node:url';
import { readModelSource } from '../registry/node.js';
import { createSession } from '../runtime/node.js';
import { ImageError } from '../vision/index.js';
import { decodeImage } from '../vision/node.js';
import { shortened } from './inputs.js';
import type { Platform } from './local-pipeline.js';

/** Bytes of the longest path that any system takes. */
const LONGEST_PATH = 32767;

const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

export const nodePlatform: Platform = {
  async locate(address) {
    const text = String(address);
    const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
    if (scheme === 'file') return filePath(text);
    if (scheme === 'http' || scheme === 'https') {
      throw new ImageError(shortened(text), 'a file', 'an address, which is not fetched');
    }
    if (scheme === 'data') {
      throw new TypeError(
        `image: expected a path, found a data: URL of ${text.length} characters; give its bytes`,
      );
    }
    if (typeof address !== 'string') throw new ImageError(shortened(text), 'a file: URL', `a ${scheme}: URL`);
    if (text.length > LONGEST_PATH) {
      throw new TypeError(
        `image: expected a path, found a text of ${text.length} characters; give the picture's bytes`,
      );
    }
    return text;
  },
  decode: (picture, name) => decodeImage(picture as string | Uint8Array, { name }),
  readModel: readModelSource,
  createSession,
};

function filePath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new ImageError(
      shortened(url),
      'the file: URL of a file on this machine',
      (error as Error).message,
      {
        cause: error,
      },
    );
  }
}
