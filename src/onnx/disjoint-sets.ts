/** Groups of names, merged two at a time (union-find). */
export class DisjointSets {
  private readonly parents = new Map<string, string>();

  /** The representative of the group of `name`. */
  of(name: string): string {
    const passed: string[] = [];
    let root = name;
    for (let up = this.parents.get(root); up !== undefined; up = this.parents.get(root)) {
      passed.push(root);
      root = up;
    }
    for (const one of passed) this.parents.set(one, root);
    return root;
  }

  join(a: string, b: string): void {
    const [from, to] = [this.of(a), this.of(b)];
    if (from !== to) this.parents.set(from, to);
  }
}
