/** An image that cannot be used. Its message is one sentence: which image, what was expected, what was found. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  /**
   * @param source the file's name, or `image` where only bytes were given
   * @param expected what would have been right, such as `an image (JPEG or PNG)`
   * @param found what was there instead, such as `an empty file`
   * @param options `cause`: the error of the library below, for whoever debugs; it is not part of the message
   */
  constructor(
    readonly source: string,
    readonly expected: string,
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(`${source}: expected ${expected}, found ${found}`, options);
  }
}
