import { AgewiseError } from '../errors/index.js';

/** An image that cannot be used. Its message is one sentence: which image, what was expected, what was found. */
export class ImageError extends AgewiseError {
  override readonly name = 'ImageError';

  /**
   * @param subject the file's name, or `image` if only bytes were given
   * @param expected what was expected, such as `an image (JPEG or PNG)`
   * @param found what was found instead, such as `an empty file`
   * @param options `cause`: the underlying library's error, for debugging; not part of the message
   */
  constructor(subject: string, expected: string, found: string, options?: ErrorOptions) {
    super({ subject, expected, found }, options);
  }
}
