/** Thrown where runs cannot be made into the model that was asked for. */
export class ExportError extends Error {
  override name = 'ExportError';
}
