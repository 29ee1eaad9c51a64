/** Which models ship, and what is had of a model wherever it comes from. `node.ts` finds and reads them on a disk. */
export { AGE_MODEL, FACE_DETECTOR } from './names.js';
export type * from './types.js';
