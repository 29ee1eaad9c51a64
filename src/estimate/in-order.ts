/** Work on items as they come, several at a time, its results in the items' order. */

export interface InOrderOptions {
  /** Items that may be taken before the work on them has said that they are needed no longer. */
  readonly mostUnseen: number;
  /** Results that may be on their way or wait to be taken. */
  readonly mostAhead: number;
  /** Each ends it between two items, with its reason. */
  readonly signals: readonly AbortSignal[];
}

/**
 * Items are asked for as soon as there is room for them, whether or not a result is waited for, and a result is given
 * as soon as it is there, whether or not the next item is: a source may be live. The results of the items that were
 * taken come before an error of their source.
 *
 * @param start begins the work on an item; `onSeen` is to be called when the item is needed no longer, `ended` is
 *   aborted when nobody wants results any more
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  start: (item: T, index: number, onSeen: () => void, ended: AbortSignal) => Promise<R>,
  { mostUnseen, mostAhead, signals }: InOrderOptions,
): AsyncGenerator<R, void, undefined> {
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
    // A failure is its taker's; until it is taken, it must not count as unhandled.
    result.promise.then(settle, settle);
    results.push(result);
  };
  const take = async () => {
    try {
      for (let index = 0; ; index++) {
        while (!stopped() && (unseen >= mostUnseen || results.length >= mostAhead)) await bell.heard();
        if (stopped()) return;
        source.state = 'asked';
        const { done, value } = await iterator.next();
        source.state = done ? 'exhausted' : 'idle';
        if (done || stopped()) return;
        begin(await value, index);
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
    // A source that is waited for may never answer: then it is told, and not waited for.
    const closed = source.state === 'exhausted' ? undefined : iterator.return?.();
    if (source.state === 'idle') await closed;
    else Promise.resolve(closed).catch(() => {});
  }
}

/** Wakes everybody who waits for something to change. */
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
