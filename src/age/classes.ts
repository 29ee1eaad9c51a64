/** Age classes: the years that a network's outputs stand for. */

/** The youngest and the oldest year of the domain. A label above the oldest year trains as the last class. */
export const YOUNGEST = 0;
export const OLDEST = 100;

/** A class of ages: the whole years `from..to`, both included; a single year if they are equal. */
export interface AgeClass {
  readonly from: number;
  readonly to: number;
}

/** One class for each year `from..to`, as DEX has them for 0..100. */
export function yearClasses(from: number = YOUNGEST, to: number = OLDEST): AgeClass[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ from: from + i, to: from + i }));
}

/**
 * What is wrong with a list of classes, in one sentence, or undefined. Classes are whole years in 0..100, in
 * ascending order, and do not overlap; an open class ("66 and more") ends at 100.
 */
export function classesProblem(classes: readonly AgeClass[]): string | undefined {
  let previous: AgeClass | undefined;
  for (const c of classes) {
    if (
      !Number.isInteger(c.from) ||
      !Number.isInteger(c.to) ||
      c.from < YOUNGEST ||
      c.to > OLDEST ||
      c.from > c.to
    ) {
      return `age class ${c.from}..${c.to} is not a range of whole years within ${YOUNGEST}..${OLDEST}`;
    }
    if (previous !== undefined && c.from <= previous.to) {
      return `age class ${c.from}..${c.to} does not come after ${previous.from}..${previous.to}`;
    }
    previous = c;
  }
  return classes.length === 0 ? 'there are no age classes' : undefined;
}
