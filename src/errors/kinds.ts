/** Kinds of errors. Each has one exit code on the command line and one HTTP status on the server. */

export const KINDS = {
  /** The request is wrong: an option, a recipe, a flag. */
  usage: { exit: 2, status: 400 },
  /** Something named does not exist: a file, a model, a data set. */
  missing: { exit: 2, status: 404 },
  /** A file, a picture, a model or a row of data exists, but is not as expected. */
  input: { exit: 2, status: 422 },
  /** This machine or build lacks something: a device, a library. */
  unsupported: { exit: 2, status: 501 },
  /** The request was right, but could not be carried out: a full disk, a network that diverged. */
  failed: { exit: 1, status: 500 },
} as const;

export type ErrorKind = keyof typeof KINDS;

/** The exit code of a command that ends with an error of this kind. */
export const exitCode = (kind: ErrorKind): number => KINDS[kind].exit;

/** The HTTP status of a response about an error of this kind. */
export const httpStatus = (kind: ErrorKind): number => KINDS[kind].status;
