/** A picture in its place among all that are to be estimated. */

/** What is to be estimated, or an input that leads to no picture. */
export type BulkPicture = {
  /** Its place among all, from 0. */
  readonly index: number;
  /** What results call it. */
  readonly file: string;
} & (
  | {
      /** A path, or what gives the encoded bytes. */
      readonly picture: string | (() => Promise<Uint8Array>);
    }
  | {
      /** One sentence. */
      readonly error: string;
    }
);
