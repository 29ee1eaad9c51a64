/** Shards: the parts of a long list for processes that do not communicate. */

/** For example the third of 64. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

const MOST_SHARDS = 1_000_000;

/** Reads `3/64`; undefined for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  const whole = number !== undefined && of !== undefined && number >= 1 && number <= of && of <= MOST_SHARDS;
  return whole ? { number, of } : undefined;
}

/**
 * The pictures of a shard: every `of`-th by index. So the sizes of shards differ by at most one, they are disjoint and
 * complete, and a picture stays in its shard when the list grows at its end.
 */
export async function* inShard<T extends { readonly index: number }>(
  pictures: AsyncIterable<T>,
  { number, of }: Shard,
): AsyncGenerator<T> {
  for await (const picture of pictures) if (picture.index % of === number - 1) yield picture;
}
