/**
 * The results of `work` on each item, in the items' order, with at most `ahead` of them under way or waiting for
 * their turn. Items are pulled no faster than results are taken. Where an item, or the work on it, throws, or nobody
 * takes the results any more, nothing new is begun and what is under way is waited for.
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
      // Whoever awaits it sees the error; until then Node would call it unhandled.
      result.catch(() => undefined);
      running.push(result);
      if (running.length === ahead) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
