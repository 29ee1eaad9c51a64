/** Options of exports with pictures of one size. */
export interface ExportOptions {
  /** Width and height of the exported pictures, in pixels. */
  readonly size: number;
  /** Whether an existing file is replaced, at the end. Default false. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}
