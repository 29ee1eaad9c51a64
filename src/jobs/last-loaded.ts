/** Keeps networks and stores loaded from job to job, instead of loading them for every shard. */

/** A cache of one entry: the last one loaded. */
export class LastLoaded<T> {
  private entry: { readonly key: string; readonly value: T } | undefined;

  /** @param onLoad called before each load */
  constructor(
    private readonly release: (value: T) => Promise<void>,
    private readonly onLoad: () => void = () => {},
  ) {}

  async get(key: string, load: () => Promise<T>): Promise<T> {
    if (this.entry?.key === key) return this.entry.value;
    await this.dispose();
    this.onLoad();
    this.entry = { key, value: await load() };
    return this.entry.value;
  }

  async dispose(): Promise<void> {
    const { entry } = this;
    this.entry = undefined;
    if (entry !== undefined) await this.release(entry.value);
  }
}
