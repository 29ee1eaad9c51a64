/** Reads a store. */
import type { StoreInfo, StoreRow } from './types.js';

export declare class Store {
  /** @throws DataError where the folder is no store, or one of another version. */
  static open(folder: string): Promise<Store>;
  readonly folder: string;
  readonly info: StoreInfo;
  readonly length: number;
  /** Labels alone, in order: no picture is read. */
  rows(): AsyncIterable<StoreRow>;
  /** The encoded picture of one row. */
  image(index: number): Promise<Uint8Array>;
  /** Groups of rows whose pictures are near-duplicates, each in ascending order. */
  duplicates(): Promise<readonly (readonly number[])[]>;
  close(): Promise<void>;
}
