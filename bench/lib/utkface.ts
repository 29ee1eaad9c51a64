/** Labels of UTKFace, which stand in the file names. */
import path from 'node:path';

export interface UtkFaceLabel {
  /** Years. */
  readonly age: number;
  readonly gender: 'female' | 'male';
}

/** The labels of `AGE_GENDER_RACE_DATE.jpg...` (gender 0 male, 1 female), or undefined where a field is missing. */
export function parseUtkFaceName(file: string): UtkFaceLabel | undefined {
  const fields = /^(\d{1,3})_([01])_([0-4])_\d+\D/.exec(path.basename(file));
  if (fields === null) return undefined;
  return { age: Number(fields[1]), gender: fields[2] === '0' ? 'male' : 'female' };
}
