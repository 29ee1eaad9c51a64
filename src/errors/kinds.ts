/** Sorts of errors. Each means one exit code of the command line and one status of the server. */

export const KINDS = {
  /** What was asked for is wrong: an option, a recipe, a flag. */
  usage: { exit: 2, status: 400 },
  /** Something was named that there is not: a file, a model, a data set. */
  missing: { exit: 2, status: 404 },
  /** A file, a picture, a model or a row of data is there, and is not what it is expected to be. */
  input: { exit: 2, status: 422 },
  /** This machine or this build lacks what it takes: a device, a library. */
  unsupported: { exit: 2, status: 501 },
  /** All that was asked for was right, and it could not be done: a full disk, a network that diverged. */
  failed: { exit: 1, status: 500 },
} as const;

export type ErrorKind = keyof typeof KINDS;

/** The exit code of a command that ends with an error of this kind. */
export const exitCode = (kind: ErrorKind): number => KINDS[kind].exit;

/** The HTTP status of an answer that tells of an error of this kind. */
export const httpStatus = (kind: ErrorKind): number => KINDS[kind].status;
