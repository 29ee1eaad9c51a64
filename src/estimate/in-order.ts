/** Concurrent work on a stream of items, with results in the items' order. */

/** The limits may change while items are taken. */
export interface InOrderOptions {
  /** Maximum number of items taken whose `onSeen` has not been called. */
  readonly mostUnseen: number;
  /** Maximum number of results in progress or not yet consumed. */
  readonly mostAhead: number;
  /** Each ends the iteration between two items, with its reason. */
  readonly signals: readonly AbortSignal[];
}

/**
 * Items are requested as soon as there is room for them, even if no result has been requested, and a result is yielded
 * as soon as it is ready, even if the next item is not: the source may be live. If the source fails, results of the
 * items already taken come first.
 *
 * @param start starts the work on an item, which may be a promise of one; it must call `onSeen` when it no longer needs the item; `ended` is aborted when the consumer stops
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  start: (item: T, index: number, onSeen: () => void, ended: AbortSignal) => Promise<R>,
  limits: InOrderOptions,
): AsyncGenerator<R, void, undefined> {
  const { signals } = limits;
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const bell = new Bell();
  const results: { readonly promise: Promise<R>; settled: boolean }[] = [];
  const end = new AbortController();
  const stopped = () => end.signal.aborted || signals.some(({ aborted }) => aborted);
  let unseen = 0;
  const source: { state: 'idle' | 'asked' | 'exhausted' } = { state: 'idle' };
  let failure: { readonly error: unknown } | undefined;

  const begin = (item: T, index: number) => {
    unseen++;
    const onSeen = () => {
      unseen--;
      bell.ring();
    };
    const result = { promise: start(item, index, onSeen, end.signal), settled: false };
    const settle = () => {
      result.settled = true;
      bell.ring();
    };
    // The consumer handles a failure later; until then it must not count as unhandled.
    result.promise.then(settle, settle);
    results.push(result);
  };
  const take = async () => {
    try {
      for (let index = 0; ; index++) {
        while (!stopped() && (unseen >= limits.mostUnseen || results.length >= limits.mostAhead))
          await bell.heard();
        if (stopped()) return;
        source.state = 'asked';
        const { done, value } = await iterator.next();
        source.state = done ? 'exhausted' : 'idle';
        if (done || stopped()) return;
        begin(value, index);
      }
    } catch (error) {
      source.state = 'exhausted';
      failure = { error };
    } finally {
      bell.ring();
    }
  };

  const ring = () => bell.ring();
  for (const signal of signals) signal.addEventListener('abort', ring);
  try {
    void take();
    for (;;) {
      const [next] = results;
      for (const signal of signals) signal.throwIfAborted();
      if (next?.settled) {
        results.shift();
        bell.ring();
        yield await next.promise;
      } else if (next === undefined && source.state === 'exhausted') {
        if (failure !== undefined) throw failure.error;
        return;
      } else await bell.heard();
    }
  } finally {
    end.abort();
    for (const signal of signals) signal.removeEventListener('abort', ring);
    bell.ring();
    // A pending source may never answer, so its return is not awaited.
    const closed = source.state === 'exhausted' ? undefined : iterator.return?.();
    if (source.state === 'idle') await closed;
    else Promise.resolve(closed).catch(() => {});
  }
}

/** Wakes all waiters when something changes. */
class Bell {
  private listeners: (() => void)[] = [];

  ring(): void {
    const listeners = this.listeners;
    this.listeners = [];
    for (const listener of listeners) listener();
  }

  heard(): Promise<void> {
    return new Promise((resolve) => this.listeners.push(resolve));
  }
}
