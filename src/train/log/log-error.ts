/** Thrown where what a run tells of itself cannot be written or read. */
export class LogError extends Error {
  override name = 'LogError';
}
