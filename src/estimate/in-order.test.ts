import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.js';

const limits = { mostUnseen: 2, mostAhead: 4, signals: [] };
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work that is done at once. */
async function echo<T>(item: T, _: number, onSeen: () => void): Promise<T> {
  onSeen();
  return item;
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

/** A source whose items come when they are put in. */
function live<T>() {
  const items: T[] = [];
  const takers: ((result: IteratorResult<T>) => void)[] = [];
  let closed = false;
  return {
    put(item: T) {
      const taker = takers.shift();
      if (taker) taker({ done: false, value: item });
      else items.push(item);
    },
    get closed() {
      return closed;
    },
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise<IteratorResult<T>>((resolve) => {
          if (items.length > 0) resolve({ done: false, value: items.shift()! });
          else takers.push(resolve);
        }),
      return: async () => {
        closed = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
}

describe('inOrder', () => {
  it('gives results in the order of the items, whichever is ready first', async () => {
    const start = async (delay: number, index: number, onSeen: () => void) => {
      onSeen();
      for (let i = 0; i < delay; i++) await tick();
      return index;
    };
    expect(await all(inOrder([3, 0, 1], start, limits))).toEqual([0, 1, 2]);
  });

  it('takes lists, generators of either kind, and promises in a list', async () => {
    const start = async (item: number | Promise<number>, _: number, onSeen: () => void) => {
      onSeen();
      return 2 * (await item);
    };
    async function* later() {
      yield 1;
      yield 2;
    }
    expect(await all(inOrder(new Set([1, 2]), start, limits))).toEqual([2, 4]);
    expect(await all(inOrder(later(), start, limits))).toEqual([2, 4]);
    const promised = [Promise.resolve(1)] as unknown as number[];
    expect(await all(inOrder(promised, start, limits))).toEqual([2]);
    expect(await all(inOrder([], start, limits))).toEqual([]);
  });

  it('gives a result while the next item is not there yet', async () => {
    const source = live<string>();
    const stream = inOrder(source, echo, limits);
    source.put('first');
    expect((await stream.next()).value).toBe('first');
    const second = stream.next();
    source.put('second');
    expect((await second).value).toBe('second');
    // The source is being asked for a third one, which never comes.
    await stream.return();
    expect(source.closed).toBe(true);
  });

  it('takes no more items than it may before they are seen, nor than results may wait', async () => {
    let taken = 0;
    function* numbers() {
      for (;;) yield taken++;
    }
    const seen: (() => void)[] = [];
    const start = async (item: number, _: number, onSeen: () => void) => {
      seen.push(onSeen);
      return item;
    };
    const stream = inOrder(numbers(), start, limits);
    const first = stream.next();
    await tick();
    expect(taken).toBe(limits.mostUnseen);
    await first;
    for (let i = 0; i < 20; i++) {
      seen.shift()?.();
      await tick();
    }
    // One was returned, and the others wait.
    expect(taken).toBe(1 + limits.mostAhead);
    await stream.return();
  });

  it('ends with the reason of a signal, even while it waits for an item, and notifies the work', async () => {
    const source = live<string>();
    const stop = new AbortController();
    let ended: AbortSignal | undefined;
    const start = async (item: string, _: number, onSeen: () => void, signal: AbortSignal) => {
      ended = signal;
      onSeen();
      return item;
    };
    const stream = inOrder(source, start, { ...limits, signals: [stop.signal] });
    source.put('first');
    await stream.next();
    const second = stream.next();
    await tick();
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect([source.closed, ended!.aborted]).toEqual([true, true]);
  });

  it('closes a source that it is done with before its end, and waits until it is closed', async () => {
    const log: string[] = [];
    async function* numbers() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await tick();
        log.push('closed');
      }
    }
    const held = inOrder(numbers(), async (item) => item, { ...limits, mostUnseen: 1 });
    for await (const item of held) {
      log.push(String(item));
      break;
    }
    expect(log).toEqual(['0', 'closed']);
  });

  it('gives the results before the error of their source', async () => {
    function* broken() {
      yield 1;
      throw new Error('unplugged');
    }
    const stream = inOrder(broken(), echo, limits);
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toThrow('unplugged');
  });

  it('throws what the work on an item throws, in its turn', async () => {
    const start = async (item: number, _: number, onSeen: () => void) => {
      onSeen();
      if (item === 1) throw new Error('item 1');
      return item;
    };
    const stream = inOrder([0, 1, 2], start, limits);
    expect((await stream.next()).value).toBe(0);
    await expect(stream.next()).rejects.toThrow('item 1');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
