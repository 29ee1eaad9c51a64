/** Files (Node only): atomic writes, downloads, locks, and readable reasons for system errors. */

export { isAddress, NOT_DOWNLOADED, pathOf } from './download/address.js';
export { findMismatch } from './download/checksum.js';
export { download, type OfferedFile } from './download/download.js';
export { DownloadError } from './download/error.js';
export { type TransferOptions, type TransferProgress, transfer } from './download/transfer.js';
export { FileError } from './error.js';
export { exists } from './exists.js';
export { readJsonLines, readLines } from './lines.js';
export { type LockHolder, takeLock } from './lock.js';
export { makeFolders } from './make-folders.js';
export { PartialFolder } from './partial-folder.js';
export { notAFile, notAFileAt, notAFileAtSync } from './plain-file.js';
export { foundInstead, isDiskFull, isMissing, isNotUtf8, isRefusal, reasonOf } from './reason.js';
export { byName, type FolderEntry, sortedEntries } from './sorted-entries.js';
export { readWholeFile, writeWhole, writeWholeFile, writeWholeShared } from './whole-file.js';
