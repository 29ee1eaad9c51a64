/** What exports of pictures in one size have in common. */
export interface ExportOptions {
  /** Width and height of the exported pictures, in pixels. */
  readonly size: number;
  /** Whether a file that is there already is replaced, at the end. Default false. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}
