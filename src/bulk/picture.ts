/** A picture with its index among all inputs. */

/** A picture to estimate, or an input that is not a picture. */
export type BulkPicture = {
  /** Its index among all inputs. */
  readonly index: number;
  /** Its name in results. */
  readonly file: string;
} & (
  | {
      /** A path, or a function that returns the encoded bytes. */
      readonly picture: string | (() => Promise<Uint8Array>);
    }
  | {
      /** One sentence. */
      readonly error: string;
    }
);
