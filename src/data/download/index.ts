/** Downloads' front door. */
export { findMismatch } from './checksum.js';
export { type DownloadOptions, download } from './download.js';
export { type DatasetSource, SOURCES, type SourceFile } from './sources.js';
export { type TransferOptions, type TransferProgress, transfer } from './transfer.js';
