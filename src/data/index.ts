/** Data's front door. */

export * from './store/index.js';
export {
  DataError,
  type DatasetReader,
  type Gender,
  type ImageSource,
  isRejection,
  REJECTION_REASONS,
  type ReaderOptions,
  type Reading,
  type Rejection,
  type RejectionReason,
  type Sample,
} from './types.js';
