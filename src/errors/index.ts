/** The one form of every error that a user can cause. */
export { AgewiseError, type AgewiseErrorOptions, type ErrorFacts, sentenceAbout } from './agewise-error.js';
export { type ErrorKind, exitCode, httpStatus, KINDS } from './kinds.js';
