/**
 * Calls `work` for each item, for at most `count` of them at a time, in their order.
 * @throws the first error of `work`
 */
export async function severalAtOnce<T>(
  items: Iterable<T>,
  count: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let index = 0;
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value, index++);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
