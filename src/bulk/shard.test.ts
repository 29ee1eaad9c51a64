import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inShard, parseShard } from './shard.js';

async function* listed(count: number) {
  for (let index = 0; index < count; index++) yield { index };
}

async function shardOf(count: number, number: number, of: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { index } of inShard(listed(count), { number, of })) found.push(index);
  return found;
}

it('is parsed from its number and the number of shards', () => {
  expect(parseShard('3/64')).toEqual({ number: 3, of: 64 });
  expect(parseShard('1/1')).toEqual({ number: 1, of: 1 });
  for (const text of ['0/4', '5/4', '1', '1/', '/4', '-1/4', '1/0', '1.5/4', '1/1000001', ' 1/4'])
    expect(parseShard(text)).toBeUndefined();
});

it('has each picture once among all shards, and keeps it when the list grows at its end', async () => {
  const size = fc.integer({ min: 0, max: 60 });
  await fc.assert(
    fc.asyncProperty(size, size, fc.integer({ min: 1, max: 12 }), async (count, more, of) => {
      const shards = await Promise.all(Array.from({ length: of }, (_, i) => shardOf(count, i + 1, of)));
      const grown = await Promise.all(Array.from({ length: of }, (_, i) => shardOf(count + more, i + 1, of)));
      expect(shards.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      for (const [i, shard] of shards.entries()) expect(grown[i]!.slice(0, shard.length)).toEqual(shard);
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});
