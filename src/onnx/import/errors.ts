/** Thrown where a file cannot be turned into an ONNX graph: damaged, or using what is not supported. */
export class ImportError extends Error {
  override name = 'ImportError';
}

/** The error for an operator that has no translation, or for a use of one that has none. */
export function unsupported(operator: string, name: string, what: string): ImportError {
  return new ImportError(`Operator ${operator} '${name}' cannot be imported: ${what}`);
}
