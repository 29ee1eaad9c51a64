/** The entry point of data. */
export { CLEANING_PRESETS, type CleaningPreset, type CleaningRules, rejectBox } from './cleaning/index.js';
export {
  type AlResnetExport,
  type AlResnetOptions,
  type ExportOptions,
  exportAgeGenderMat,
  exportAlResnetHdf5,
  exportHdf5,
  exportLabels,
  exportPictures,
  type MatExport,
} from './export/index.js';
export { GROUP_SETS, type GroupSet } from './formats/al-resnet-groups.js';
export { type Hdf5Library, hdf5Reason, loadHdf5 } from './formats/hdf5.js';
export {
  boxesOf,
  detectorBox,
  foundTooFew,
  framingOf,
  type KnownBoxes,
  type KnownFraming,
  measureStore,
} from './framing/index.js';
export {
  type Corrections,
  encodedPicture,
  type ImportOptions,
  importDataset,
  type PictureChanges,
  readCorrections,
  StoreError,
} from './import/index.js';
export {
  GENDER_NAMES,
  type Inspection,
  type InspectOptions,
  inspectionPage,
  inspectStore,
  pictureThumbnail,
  type Thumbnails,
  thumbnails,
} from './inspect/index.js';
export {
  type AugmentConfig,
  type AugmentOptions,
  augmentSchema,
  type BadPicture,
  type Batch,
  type BatchesOptions,
  bandWeights,
  decodePicture,
  type Labels,
  Loader,
  type LoaderOptions,
  type Look,
  LookWriter,
  labelsBetween,
  type Mix,
  mixRows,
  mixTargets,
  PLAIN_COLOUR,
  PLAIN_LOOK,
  readLabels,
  SAMPLINGS,
  type Sampling,
  type SmoothingOptions,
  type Start,
  smoothedWeights,
} from './loader/index.js';
export { PERHAPS_MONTHS } from './readers/shared/labels.js';
export { recogniseSet } from './recognise.js';
export { READERS, readerOf } from './sets/index.js';
export { type DatasetSource, SOURCES, type SourceFile } from './sources.js';
export {
  type GivenSplit,
  makeSplit,
  partsBy,
  readGivenSplit,
  readSplit,
  type Split,
  type SplitDocument,
  type SplitMethod,
  type SplitMethodName,
  splitMethodSchema,
  splitName,
  splitTable,
  writeSplit,
} from './splits/index.js';
export * from './store/index.js';
export {
  DataError,
  type DatasetReader,
  type Gender,
  type ImageSource,
  isRejection,
  REJECTION_REASONS,
  type ReaderOption,
  type ReaderOptions,
  type Reading,
  type Rejection,
  type RejectionReason,
  type Sample,
} from './types.js';
