/** Thrown where training itself fails. */
export class TrainingError extends Error {
  override name = 'TrainingError';
}
