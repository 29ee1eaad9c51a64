/** Thrown for a network that does not exist, or pictures that a network does not take: one sentence that says which. */
export class NetworkError extends RangeError {
  override name = 'NetworkError';
}
