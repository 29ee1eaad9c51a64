/** Many pictures: their records, and the pictures of a shard. Reading and writing files is behind `node.ts`. */
export type { ClipRecord, PersonRecord } from './clip-record.js';
export {
  type Details,
  type FaceRecord,
  type FailureRecord,
  failureRecord,
  type PictureRecord,
  pictureRecord,
} from './record.js';
