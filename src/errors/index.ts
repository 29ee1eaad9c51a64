/** The one form of every error that a user can cause. */
export { AgewiseError, type AgewiseErrorOptions, type ErrorFacts, sentenceAbout } from './agewise-error.js';
export { type ErrorKind, exitCode, httpStatus, KINDS } from './kinds.js';
export { maskAddress, maskAddressesIn } from './mask-address.js';
export { type ErrorClasses, type PackedError, packError, unpackError } from './packed-error.js';
