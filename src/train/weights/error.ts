/** Thrown, in one sentence that names the file, where weights or a backbone cannot be read or do not fit. */
export class WeightsError extends Error {
  override name = 'WeightsError';
}

/** What `action` gives; what it throws becomes a WeightsError that begins with `name`. */
export function naming<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    const { message } = error as Error;
    throw new WeightsError(message.startsWith(name) ? message : `${name}: ${message}`, { cause: error });
  }
}

/** `a`, `b` and 3 more: the first few of a list. */
export function few(items: readonly string[], most = 8): string {
  const shown = items.slice(0, most);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? 'none');
}
