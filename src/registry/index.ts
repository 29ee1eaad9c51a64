/** The shipped models, and models from elsewhere. `node.ts` finds and reads them on a disk. */
export { ModelFileError } from './error.js';
export { AGE_MODEL, FACE_DETECTOR } from './names.js';
export type * from './types.js';
