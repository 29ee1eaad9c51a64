import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown where a file cannot be fetched: the server, the disk, or what came is at fault. */
export class DownloadError extends AgewiseError {
  override readonly name = 'DownloadError';
  static override readonly kind: ErrorKind = 'failed';
}
