/** Files (Node only): written whole or not at all, and why the system refuses. */
export { exists } from './exists.js';
export { reasonOf } from './reason.js';
export { readWholeFile, writeWholeFile } from './whole-file.js';
