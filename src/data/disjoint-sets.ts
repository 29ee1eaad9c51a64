/** Disjoint sets (union-find) over the numbers from 0 to `count` − 1. */
export class DisjointSets {
  private readonly leaders: Int32Array;

  constructor(count: number) {
    this.leaders = Int32Array.from({ length: count }, (_, i) => i);
  }

  /** The smallest member of the set of `member`. */
  leaderOf(member: number): number {
    const { leaders } = this;
    let at = member;
    while (leaders[at] !== at) {
      leaders[at] = leaders[leaders[at]!]!;
      at = leaders[at]!;
    }
    return at;
  }

  unite(a: number, b: number): void {
    const [x, y] = [this.leaderOf(a), this.leaderOf(b)];
    this.leaders[Math.max(x, y)] = Math.min(x, y);
  }

  /** The sets with at least two members, ordered by the smallest; members ascend. */
  groups(): number[][] {
    const groups = new Map<number, number[]>();
    for (let member = 0; member < this.leaders.length; member++) {
      const leader = this.leaderOf(member);
      if (leader === member) continue;
      const group = groups.get(leader);
      if (group) group.push(member);
      else groups.set(leader, [leader, member]);
    }
    return [...groups.values()].sort(([a], [b]) => a! - b!);
  }
}
