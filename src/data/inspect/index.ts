/** The entry point of inspection. */
export { type InspectedStore, type InspectOptions, inspectStore } from './inspect.js';
export { inspectionPage, type Thumbnails } from './page.js';
export { pictureThumbnail, thumbnails } from './thumbnails.js';
export { GENDER_NAMES, type Inspection } from './types.js';
