/** Short texts about a face, for models of ages, groups, or gender alone. */
import type { FaceData } from './agewise.js';
import { text } from './text.js';

export const hasAge = ({ age }: FaceData): boolean => !Number.isNaN(age);

/** The age or its group. */
export function shortAge(face: FaceData): string {
  if (face.group) return text.group(face.group.from, face.group.to);
  return hasAge(face) ? text.age(face.age) : text.noAge;
}

/** The range of an age, or the probability of a group; undefined without both. */
export function certainty(face: FaceData): string | undefined {
  if (face.group) return text.probabilityOf(face.group.probability);
  return hasAge(face) ? text.range(...face.interval) : undefined;
}

export const genderText = ({ gender }: FaceData): string | undefined =>
  gender && text.genderOf(gender.label, gender.probability);

/** For a screen reader. @param number counts from 1 */
export function spokenFace(face: FaceData, number: number): string {
  if (face.group) return text.boxOfGroup(number, shortAge(face), face.group.probability);
  if (!hasAge(face)) return text.boxWithoutAge(number, genderText(face) ?? text.noAge);
  return text.box(number, face.age, ...face.interval);
}
