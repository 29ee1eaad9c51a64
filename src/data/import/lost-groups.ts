/** Groups of a data set of whom not one picture is kept: a rule that was meant otherwise shows in them. */
import type { RejectionReason, Sample } from '../types.js';

/** Rejection reasons of rules and the detector; damaged pictures are lost by chance. */
const RULES: readonly RejectionReason[] = [
  'age out of range',
  'no gender',
  'no face',
  'face score',
  'second face',
  'too small',
];

/** What a picture is counted by. */
type Grouped = Pick<Sample, 'age' | 'gender' | 'race' | 'split'>;

interface Group {
  seen: number;
  kept: number;
  readonly reasons: Map<RejectionReason, number>;
}

/** Counts by age interval, gender, race and the authors' part. */
export class GroupWatch {
  private readonly groups = new Map<string, Group>();

  kept(sample: Grouped): void {
    for (const group of this.groupsOf(sample)) {
      group.seen++;
      group.kept++;
    }
  }

  lost(sample: Grouped, reason: RejectionReason): void {
    for (const group of this.groupsOf(sample)) {
      group.seen++;
      group.reasons.set(reason, (group.reasons.get(reason) ?? 0) + 1);
    }
  }

  /** A sentence for each group emptied by rules. */
  notices(): string[] {
    return [...this.groups].flatMap(([name, { seen, kept, reasons }]) => {
      if (kept > 0) return [];
      const [reason, count] = [...reasons].sort(([, a], [, b]) => b - a)[0]!;
      if (!RULES.includes(reason)) return [];
      const share = count === seen ? '' : ` (${count} of them)`;
      const all = seen === 1 ? 'its only picture was' : `all ${seen} pictures were`;
      return [`Nothing is left of ${name}: ${all} left out for '${reason}'${share}`];
    });
  }

  private groupsOf({ age, gender, race, split }: Grouped): Group[] {
    const names = [
      age && 'from' in age && `ages ${age.from} to ${age.to}`,
      gender && `gender '${gender}'`,
      race && `race '${race}'`,
      split && `the authors' part '${split}'`,
    ].filter((name) => typeof name === 'string');
    return names.map((name) => {
      const found = this.groups.get(name) ?? { seen: 0, kept: 0, reasons: new Map() };
      this.groups.set(name, found);
      return found;
    });
  }
}
