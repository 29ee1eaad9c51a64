import { describe, expect, it } from 'vitest';
import type { PixelImage } from '../vision/index.js';
import { BATCH, Batcher } from './batcher.js';

/** A picture that is identified by its width. */
const picture = (width: number): PixelImage => ({ width, height: 1, data: new Uint8Array() });

/** Networks that say of a face which run it was in, and which picture it is from. */
function networks(fail?: Error) {
  const runs: number[][] = [];
  return {
    runs,
    allocate: (count: number) => [new Float32Array(count)],
    prepare: ({ width }: PixelImage, _: unknown, crops: readonly Float32Array[], place: number) => {
      crops[0]![place] = width;
    },
    predict: async (crops: readonly Float32Array[], count: number) => {
      const faces = Array.from(crops[0]!.subarray(0, count));
      runs.push(faces);
      if (fail) throw fail;
      return faces;
    },
  };
}

/** Adds faces of a picture, and gives their predictions. */
async function faces(batcher: Batcher<number>, width: number, count: number): Promise<Promise<number>[]> {
  const predictions: Promise<number>[] = [];
  for (let i = 0; i < count; i++) predictions.push((await batcher.add(picture(width), null)).prediction);
  return predictions;
}

/** Work that the test ends. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('Batcher', () => {
  it('runs a face immediately if no other picture is in progress', async () => {
    const n = networks();
    const batcher = new Batcher(n);
    const [result] = await batcher.during(() => faces(batcher, 7, 1));
    expect(await result).toBe(7);
    expect(n.runs).toEqual([[7]]);
  });

  it('lets faces of pictures that are on their way at the same time share a run', async () => {
    const n = networks();
    const batcher = new Batcher(n);
    const second = gate();
    const one = batcher.during(() => faces(batcher, 1, 2));
    const two = batcher.during(async () => {
      await second.opened;
      return faces(batcher, 2, 1);
    });
    await one;
    expect(n.runs).toEqual([]);
    second.open();
    expect(await Promise.all([...(await one), ...(await two)])).toEqual([1, 1, 2]);
    expect(n.runs).toEqual([[1, 1, 2]]);
  });

  it('fills runs, and runs what is left when nothing more can come', async () => {
    const n = networks();
    const batcher = new Batcher(n);
    const results = await batcher.during(() => faces(batcher, 1, 2 * BATCH + 1));
    expect(await Promise.all(results)).toEqual(new Array(2 * BATCH + 1).fill(1));
    expect(n.runs.map((run) => run.length)).toEqual([BATCH, BATCH, 1]);
  });

  it('does not let a face wait for pictures without end', async () => {
    const n = networks();
    const batcher = new Batcher(n);
    const never = gate();
    const slow = batcher.during(() => never.opened);
    const [result] = await batcher.during(() => faces(batcher, 1, 1));
    for (let i = 0; i < BATCH; i++) await batcher.during(async () => {});
    expect(await result).toBe(1);
    never.open();
    await slow;
  });

  it('runs what waits when the last picture fails that it waited for', async () => {
    const n = networks();
    const batcher = new Batcher(n);
    const second = gate();
    const one = batcher.during(() => faces(batcher, 1, 1));
    const two = batcher.during(async () => {
      await second.opened;
      throw new Error('no picture');
    });
    const [result] = await one;
    second.open();
    await expect(two).rejects.toThrow('no picture');
    expect(await result).toBe(1);
  });

  it('gives the failure of a run to each of its faces, and goes on', async () => {
    const failing = new Batcher(networks(new Error('no memory')));
    const results = await failing.during(() => faces(failing, 1, BATCH + 1));
    expect(results).toHaveLength(BATCH + 1);
    for (const face of results) await expect(face).rejects.toThrow('no memory');
  });

  it('uses the memory of a batch that has run again, of none that is running', async () => {
    const n = networks();
    const taken: (readonly Float32Array[])[] = [];
    const run = gate();
    const batcher = new Batcher({
      ...n,
      predict: async (crops: readonly Float32Array[], count: number) => {
        taken.push(crops);
        if (taken.length === 1) await run.opened;
        return n.predict(crops, count);
      },
    });
    const add = (width: number) => batcher.during(() => faces(batcher, width, 1));
    const [one] = await add(1);
    const [two] = await add(2);
    expect(await two).toBe(2);
    run.open();
    expect(await one).toBe(1);
    const [three] = await add(3);
    expect(await three).toBe(3);
    expect(taken[1]).not.toBe(taken[0]);
    expect([taken[0], taken[1]]).toContain(taken[2]);
  });
});
