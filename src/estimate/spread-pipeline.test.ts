import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Present } from './inputs.js';
import type { Outcome, Pipeline } from './pipeline.js';
import { SpreadPipeline } from './spread-pipeline.js';

const FOUND: Outcome = { width: 640, height: 480, faces: [] };

const pixels = (side: number) => ({ width: side, height: side, data: new Uint8Array() });
const SMALL = pixels(8);
const LARGE = pixels(2000);

/** A pipeline whose pictures wait until they are let go. */
class HeldPipeline implements Pipeline {
  taken = 0;
  busy = 0;
  disposed = false;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly held = false) {}

  async estimate(_: Present, __: string, ___: object, onSeen: () => void): Promise<Outcome> {
    expect(this.disposed).toBe(false);
    this.taken++;
    this.busy++;
    if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy--;
    onSeen();
    return FOUND;
  }

  letGo(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  async dispose(): Promise<void> {
    expect(this.busy).toBe(0);
    this.disposed = true;
  }
}

function setUp({ count = 2, held = false, wholeHeld = false, fails = false } = {}) {
  const whole = new HeldPipeline(wholeHeld);
  const threads: HeldPipeline[] = [];
  const pipeline = new SpreadPipeline(whole, count, async () => {
    if (fails && threads.length > 0) throw new Error('no thread');
    const thread = new HeldPipeline(held);
    threads.push(thread);
    return thread;
  });
  const give = (picture: Present, options = {}) => pipeline.estimate(picture, 'a picture', options, () => {});
  /** Gives so many small pictures, two at a time. */
  const giveSmall = async (many: number) => {
    for (let i = 0; i < many; i += 2) await Promise.all([give(SMALL), give(SMALL)]);
  };
  return { pipeline, whole, threads, give, giveSmall };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a spread pipeline', () => {
  it('works on small pictures by threads once there have been many', async () => {
    const { pipeline, whole, threads, giveSmall } = setUp();
    await giveSmall(16);
    expect(threads).toHaveLength(0);
    await giveSmall(2);
    expect([threads.length, whole.taken, pipeline.parallel]).toEqual([2, 18, 2]);
    await giveSmall(6);
    expect([whole.taken, ...threads.map(({ taken }) => taken)]).toEqual([18, 3, 3]);
    await pipeline.dispose();
    expect([whole, ...threads].every(({ disposed }) => disposed)).toBe(true);
  });

  it('starts none for pictures given one after another, nor for the frames of a video', async () => {
    const { threads, give } = setUp();
    for (let i = 0; i < 40; i++) await give(SMALL);
    const frame = { quick: false };
    await Promise.all(Array.from({ length: 40 }, () => give(SMALL, { frame })));
    expect(threads).toHaveLength(0);
  });

  it('gives each picture to the thread with the fewest', async () => {
    const { threads, give, giveSmall } = setUp({ count: 3, held: true });
    await giveSmall(18);
    const given = Array.from({ length: 5 }, () => give(SMALL));
    await vi.waitFor(() => expect(threads.map(({ busy }) => busy)).toEqual([2, 2, 1]));
    threads[1]!.letGo();
    await vi.waitFor(() => expect(threads[1]!.busy).toBe(0));
    given.push(give(SMALL));
    await vi.waitFor(() => expect(threads.map(({ busy }) => busy)).toEqual([2, 1, 1]));
    for (const thread of threads) thread.letGo();
    expect(await Promise.all(given)).toEqual(new Array(6).fill(FOUND));
  });

  it('ends the threads before a large picture, but not while they work, and starts them later again', async () => {
    const { pipeline, whole, threads, give, giveSmall } = setUp({ held: true });
    await giveSmall(18);
    const small = give(SMALL);
    await vi.waitFor(() => expect(threads[0]!.busy).toBe(1));
    await give(LARGE);
    expect([whole.taken, threads[0]!.disposed]).toEqual([19, false]);
    threads[0]!.letGo();
    await small;
    await give(LARGE);
    expect(threads.every(({ disposed }) => disposed)).toBe(true);
    expect(pipeline.parallel).toBe(1);
    await giveSmall(64);
    expect(threads).toHaveLength(2);
    await giveSmall(2);
    expect(threads).toHaveLength(4);
  });

  it('ends unused threads after a minute', async () => {
    vi.useFakeTimers();
    const { threads, giveSmall } = setUp();
    await giveSmall(18);
    await vi.advanceTimersByTimeAsync(50_000);
    await giveSmall(2);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(threads.some(({ disposed }) => disposed)).toBe(false);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(threads.map(({ disposed }) => disposed)).toEqual([true, true]);
  });

  it('goes on without threads if they cannot start', async () => {
    const { pipeline, whole, threads, giveSmall } = setUp({ fails: true });
    await giveSmall(60);
    expect([whole.taken, threads.length, threads[0]!.disposed]).toEqual([60, 1, true]);
    await pipeline.dispose();
  });
});

describe('a thread of a spread pipeline', () => {
  const failing = (estimate: Pipeline['estimate']) => {
    const whole = new HeldPipeline();
    const thread = { estimate, dispose: async () => {} };
    const pipeline = new SpreadPipeline(whole, 2, async () => thread);
    const give = (onSeen = () => {}) => pipeline.estimate(SMALL, 'a picture', {}, onSeen);
    return { whole, give };
  };

  it.each<readonly [string, () => Promise<Outcome>]>([
    ['is lost', () => Promise.reject(new Error("The estimator's thread has ended"))],
    ['refuses a picture', async () => ({ error: new Error('more than 4 megapixels') })],
  ])('that %s leaves the picture to the pipeline here', async (_, answer) => {
    const { whole, give } = failing((_picture, _name, _options, onSeen) => {
      onSeen();
      return answer();
    });
    for (let i = 0; i < 18; i += 2) await Promise.all([give(), give()]);
    const onSeen = vi.fn();
    expect(await give(onSeen)).toEqual(FOUND);
    expect([onSeen.mock.calls.length, whole.taken]).toEqual([1, 19]);
  });

  it('is given only a few of thousands of pictures at once', async () => {
    const { whole, threads, give, giveSmall } = setUp({ held: true });
    await giveSmall(18);
    const given = Array.from({ length: 1000 }, () => give(SMALL));
    await vi.waitFor(() => expect(threads.map(({ busy }) => busy)).toEqual([8, 8]));
    while (threads.some(({ busy }) => busy > 0)) {
      for (const thread of threads) thread.letGo();
      await new Promise(setImmediate);
    }
    expect(await Promise.all(given)).toHaveLength(1000);
    expect([whole.taken, ...threads.map(({ taken }) => taken)]).toEqual([18, 500, 500]);
  });
});

describe('a picture', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spread-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is small by its pixels, its bytes or its file', async () => {
    const file = async (name: string, bytes: number) => {
      await writeFile(join(folder, name), new Uint8Array(bytes));
      return join(folder, name);
    };
    const small = [pixels(1024), new Uint8Array(2 ** 18), await file('small', 2 ** 18)];
    const others = [pixels(1025), new Uint8Array(2 ** 18 + 1), await file('large', 2 ** 18 + 1), 'missing'];
    for (const [kind, pictures] of [[2, small] as const, [0, others] as const]) {
      for (const picture of pictures) {
        const { whole, threads, give } = setUp({ wholeHeld: true });
        const given = Array.from({ length: 17 }, () => give(picture));
        await vi.waitFor(() => expect(whole.busy).toBe(kind === 0 ? 17 : 16));
        expect(threads).toHaveLength(kind);
        whole.letGo();
        await Promise.all(given);
      }
    }
  });
});
