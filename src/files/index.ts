/** Files (Node only): written whole or not at all, locks, and why the system refuses. */
export { exists } from './exists.js';
export { type LockHolder, takeLock } from './lock.js';
export { reasonOf } from './reason.js';
export { readWholeFile, writeWholeFile } from './whole-file.js';
