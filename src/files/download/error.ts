import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown if a file cannot be downloaded, because of the server, the disk, or the content received. */
export class DownloadError extends AgewiseError {
  override readonly name = 'DownloadError';
  static override readonly kind: ErrorKind = 'failed';
}
