/**
 * The results of `work` on each item, in the items' order, with at most `ahead` of them in progress or waiting for
 * their turn. Items are pulled no faster than results are consumed. If an item or its work throws, or the consumer
 * stops, no new work starts and work in progress is awaited.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // The error is handled when awaited; until then it must not count as unhandled.
      result.catch(() => undefined);
      running.push(result);
      if (running.length === ahead) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
