/** The entry point of import. */

export { type Corrections, readCorrections } from './corrections.js';
export { type ImportOptions, importDataset, type PictureChanges, StoreError } from './import-dataset.js';
export { encodedPicture } from './picture.js';
