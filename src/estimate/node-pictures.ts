/** Pictures in Node: files, by path. */
import { fileURLToPath } from 'node:url';
import { ImageError } from '../vision/index.js';
import { LONGEST_PATH, type PictureSource, shortened } from './inputs.js';

const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

export const nodePictures: PictureSource = {
  async locate(address) {
    const text = String(address);
    const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
    if (scheme === 'file') return filePath(text);
    if (scheme !== undefined && text.slice(scheme.length).startsWith('://')) {
      throw new ImageError(shortened(text), 'a file', 'a URL, which is not downloaded');
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
