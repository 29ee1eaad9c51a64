/** System errors in words. */
import { isAddress, NOT_DOWNLOADED } from './download/address.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  EFBIG: 'it would be larger than the system allows',
  EIO: 'the disk has failed',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'a file of that name exists',
  EISDIR: 'it is a folder',
  ENXIO: 'it is a socket, or a device that is not there',
  ELOOP: 'its links lead in a circle',
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Why the system refused: `permission is denied`. Other errors give their own message. */
export const reasonOf = (error: unknown): string => REASONS[codeOf(error) ?? ''] ?? (error as Error).message;

/** Whether it is a system error rather than a programming error. */
export const isRefusal = (error: unknown): boolean => /^E[A-Z\d]+$/.test(codeOf(error) ?? '');

/** Whether nothing exists at the path. */
export const isMissing = (error: unknown): boolean =>
  codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

/** Whether the disk is full. */
export const isDiskFull = (error: unknown): boolean =>
  codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';

/** Whether a file name is not valid UTF-8: Node replaces such bytes by U+FFFD and cannot open the file. */
export const isNotUtf8 = (name: string): boolean => name.includes('\ufffd');

/**
 * What was found instead of a readable file: `no such file`.
 * @param path the path as the user gave it; by default the error's
 */
export function foundInstead(error: unknown, path = (error as NodeJS.ErrnoException).path ?? ''): string {
  if (isMissing(error)) {
    if (isAddress(path)) return NOT_DOWNLOADED;
    return isNotUtf8(path) ? 'no such file, or one whose name is not UTF-8' : 'no such file';
  }
  const code = codeOf(error);
  if (code === 'EISDIR') return 'a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'a file that cannot be read (permission denied)';
  return `a file that cannot be read (${code ?? (error as Error).message})`;
}
