/** A cache by object and key; each rule declares its own, and entries are collected with the object. */
export class Memo<Owner extends object, T> {
  private readonly owners = new WeakMap<Owner, Map<unknown, T>>();

  get(owner: Owner, key: unknown, make: () => T): T {
    const known = this.owners.get(owner) ?? new Map<unknown, T>();
    this.owners.set(owner, known);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make();
    known.set(key, made);
    return made;
  }
}
