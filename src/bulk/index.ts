/** Many pictures: what is told of each, and which of them a shard has. What reads and writes files is behind `node.ts`. */
export {
  type Details,
  type FaceRecord,
  type FailureRecord,
  failureRecord,
  type PictureRecord,
  pictureRecord,
} from './record.js';
