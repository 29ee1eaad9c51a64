import { describe, expect, it } from 'vitest';
import { mapInOrder } from './map-in-order.js';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function* upTo(count: number, pulled: number[] = []): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    pulled.push(i);
    yield i;
  }
}

const turn = () => new Promise<void>((done) => setImmediate(done));

describe('mapInOrder', () => {
  it('keeps the order, whatever finishes first, and bounds what is in progress', async () => {
    let running = 0;
    let most = 0;
    const results = mapInOrder(upTo(50), 4, async (i) => {
      most = Math.max(most, ++running);
      for (let k = 0; k < (i * 7) % 5; k++) await turn();
      running--;
      return i;
    });
    expect(await collect(results)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(most).toBe(4);
  });

  it('pulls nothing more after an error, and waits for what is in progress', async () => {
    const pulled: number[] = [];
    let finished = 0;
    const results = mapInOrder(upTo(50, pulled), 4, async (i) => {
      if (i === 1) throw new Error('one');
      for (let k = 0; k < 5; k++) await turn();
      finished++;
      return i;
    });
    await expect(collect(results)).rejects.toThrow('one');
    expect(pulled.length).toBeLessThan(8);
    expect(finished).toBe(pulled.length - 1);
  });

  it('passes on the error of the items', async () => {
    async function* broken() {
      yield 1;
      throw new Error('source');
    }
    await expect(collect(mapInOrder(broken(), 4, async (i) => i))).rejects.toThrow('source');
  });
});
