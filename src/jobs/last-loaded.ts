/** What a worker keeps from job to job: networks are loaded once, not for every shard. */
export interface Disposable {
  dispose(): Promise<void>;
}

/** One loaded thing at a time: that of the last key. */
export class Live<T extends Disposable> {
  private held: { readonly key: string; readonly thing: T } | undefined;

  /** @param onLoad told of each time that something is loaded */
  constructor(private readonly onLoad: () => void = () => {}) {}

  async get(key: string, load: () => Promise<T>): Promise<T> {
    if (this.held?.key === key) return this.held.thing;
    await this.dispose();
    this.onLoad();
    this.held = { key, thing: await load() };
    return this.held.thing;
  }

  async dispose(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    await held?.thing.dispose();
  }
}
