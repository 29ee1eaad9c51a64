import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startProcess } from '../../threads/index.js';
import { RefusalError } from './error.js';
import { Pool, type PoolOptions } from './pool.js';
import type { TestSettings, TestTask } from './testing.js';

interface Answer {
  readonly pid: number;
  readonly value?: unknown;
}
type TestPool = Pool<TestSettings, TestTask, Answer>;

const open: TestPool[] = [];
const lost: string[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close(0)));
  lost.length = 0;
});

async function started(options: Partial<PoolOptions<TestSettings>> = {}): Promise<TestPool> {
  const pool: TestPool = await Pool.start({
    start: () => startProcess('./testing', import.meta.url, process.env),
    settings: {},
    workers: 1,
    atOnce: 1,
    queue: 8,
    taskMs: 30_000,
    memory: 4e9,
    onLost: (reason) => lost.push(reason),
    ...options,
  });
  open.push(pool);
  return pool;
}

async function refusal(done: Promise<unknown>): Promise<string> {
  const error = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RefusalError);
  return (error as RefusalError).reason;
}

const echo = (value: unknown): TestTask => ({ do: 'echo', value });
const one = async (pool: TestPool, task: TestTask) => (await pool.run([task])[0]!).answer;

describe('a pool of processes', () => {
  it('runs tasks in other processes, and passes typed arrays unchanged', async () => {
    const pool = await started();
    const value = { bytes: Uint8Array.of(0, 255, 7), numbers: Float32Array.of(0.5) };
    const answer = await one(pool, echo(value));
    expect(answer.value).toEqual(value);
    expect(answer.pid).not.toBe(process.pid);
    expect(pool.pids).toEqual([answer.pid]);
  });

  it('runs as many tasks at once as it has processes', async () => {
    const pool = await started({ workers: 2 });
    const done = await Promise.all(pool.run([1, 2].map(() => ({ do: 'wait', ms: 300 }) as const)));
    expect(new Set(done.map(({ answer }) => answer.pid)).size).toBe(2);
    expect(done.every(({ waited, worked }) => waited < 200 && worked >= 290)).toBe(true);
  });

  it("rejects with a task's own error, and continues", async () => {
    const pool = await started();
    await expect(one(pool, { do: 'fail', message: 'no such thing' })).rejects.toThrow('no such thing');
    expect((await one(pool, echo(1))).value).toBe(1);
    expect(lost).toEqual([]);
  });

  it('refuses all tasks of a call that exceeds its queue at once, and accepts one that fits', async () => {
    const pool = await started({ queue: 2 });
    const taken = pool.run([{ do: 'wait', ms: 200 }, echo(1), echo(2)]);
    expect(pool.state).toEqual({ ready: 1, busy: 1, waiting: 2 });
    expect(() => pool.run([echo(3)])).toThrow('the queue is full');
    expect((await Promise.all(taken)).map(({ answer }) => answer.value)).toEqual([undefined, 1, 2]);
    expect(() => pool.run([1, 2, 3, 4].map(echo))).toThrow(RefusalError);
    expect(pool.state).toEqual({ ready: 1, busy: 0, waiting: 0 });
  });

  it('kills a process past its deadline, and replaces it', async () => {
    const pool = await started({ taskMs: 200 });
    const [before] = pool.pids;
    expect(await refusal(pool.run([{ do: 'spin' }])[0]!)).toBe('deadline');
    const { pid } = await one(pool, echo(1));
    expect(pid).not.toBe(before);
    expect(lost).toEqual(['deadline']);
  });

  it('retries the task of a killed process, and leaves the others alone', async () => {
    const pool = await started({ workers: 2 });
    const tasks = pool.run([
      { do: 'wait', ms: 400 },
      { do: 'wait', ms: 400 },
    ]);
    const [victim, other] = pool.pids as [number, number];
    process.kill(victim, 'SIGKILL');
    const pids = (await Promise.all(tasks)).map(({ answer }) => answer.pid);
    expect(pids).toContain(other);
    expect(pids).not.toContain(victim);
    expect(lost).toEqual(['crashed']);
  });

  it('gives up on a task that kills its process twice', async () => {
    const pool = await started();
    expect(await refusal(pool.run([{ do: 'die' }])[0]!)).toBe('died');
    expect((await one(pool, echo(1))).value).toBe(1);
    expect(lost).toEqual(['crashed', 'crashed']);
  });

  it.skipIf(process.platform !== 'linux')(
    'kills a process that takes too much memory (Linux only)',
    async () => {
      const pool = await started({ memory: 300e6 });
      expect(await refusal(pool.run([{ do: 'grow', bytes: 400e6 }])[0]!)).toBe('memory');
      expect((await one(pool, echo(1))).value).toBe(1);
      expect(lost).toEqual(['memory']);
    },
  );

  it('does not start a task that is cancelled while it waits, and frees its place', async () => {
    const pool = await started({ queue: 1 });
    const first = pool.run([{ do: 'wait', ms: 200 }])[0]!;
    const stop = new AbortController();
    const second = pool.run([{ do: 'die' }], stop.signal)[0]!;
    stop.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    const third = pool.run([echo(3)])[0]!;
    await first;
    expect((await third).answer.value).toBe(3);
    expect(lost).toEqual([]);
  });

  it('rejects at once when a running task is cancelled', async () => {
    const pool = await started();
    const stop = new AbortController();
    const task = pool.run([{ do: 'wait', ms: 300 }], stop.signal)[0]!;
    stop.abort(new Error('gone'));
    await expect(task).rejects.toThrow('gone');
    expect((await one(pool, echo(1))).value).toBe(1);
  });

  it('cancels a running task, so that its process is free', async () => {
    const pool = await started();
    const stop = new AbortController();
    const task = pool.run([{ do: 'wait', ms: 60_000 }], stop.signal)[0]!;
    stop.abort(new Error('gone'));
    await expect(task).rejects.toThrow('gone');
    const { waited } = await pool.run([echo(1)])[0]!;
    expect(waited).toBeLessThan(10_000);
    expect(lost).toEqual([]);
  });

  it('finishes accepted tasks before it ends, and accepts no more', async () => {
    const pool = await started();
    const { pids } = pool;
    const taken = pool.run([{ do: 'wait', ms: 200 }, echo(1)]);
    const closed = pool.close(10_000);
    expect(() => pool.run([echo(2)])).toThrow('the server is shutting down');
    expect((await Promise.all(taken))[1]!.answer.value).toBe(1);
    await closed;
    expect(() => process.kill(pids[0]!, 0)).toThrow('ESRCH');
    expect(lost).toEqual([]);
  });

  it('kills a process that does not finish within the grace period', async () => {
    const pool = await started();
    const [stuck, waits] = pool.run([{ do: 'spin' }, echo(1)]);
    const reasons = Promise.all([refusal(stuck!), refusal(waits!)]);
    await pool.close(100);
    expect(await reasons).toEqual(['closing', 'closing']);
  });

  it('runs several tasks at once in a process, and gives the next one to the process with the fewest', async () => {
    const pool = await started({ workers: 2, atOnce: 3, queue: 0 });
    const waits = pool.run(Array(6).fill({ do: 'wait', ms: 300 }));
    expect(pool.state).toEqual({ ready: 2, busy: 2, waiting: 0 });
    expect(() => pool.run([echo(1)])).toThrow('the queue is full');
    const done = await Promise.all(waits);
    const pids = done.map(({ answer }) => answer.pid);
    expect(pool.pids.map((pid) => pids.filter((one) => one === pid).length)).toEqual([3, 3]);
    expect(done.every(({ waited, worked }) => waited < 200 && worked < 600)).toBe(true);
  });

  it.each<[string, TestTask, Partial<PoolOptions<TestSettings>>, string, string[]]>([
    ['dies of', { do: 'die' }, {}, 'died', ['crashed', 'crashed']],
    ['is blocked by', { do: 'spin' }, { taskMs: 300 }, 'deadline', ['deadline', 'deadline']],
  ])(
    'retries all tasks of a process, each alone, if it %s one of them',
    async (_, task, options, reason, reasons) => {
      const pool = await started({ atOnce: 4, ...options });
      const [first, bad, third, fourth] = pool.run([
        { do: 'wait', ms: 200 },
        task,
        { do: 'wait', ms: 201 },
        echo(1),
      ]);
      expect(await refusal(bad!)).toBe(reason);
      for (const good of [first, third, fourth]) expect((await good!).answer.pid).toBeGreaterThan(0);
      expect(lost).toEqual(reasons);
    },
  );

  it('does not start if its processes cannot load', async () => {
    await expect(started({ settings: { broken: true }, workers: 2 })).rejects.toThrow('it cannot load');
  });

  it.skipIf(process.platform !== 'linux')('has its processes end first where memory runs out', async () => {
    const pool = await started();
    const score = (pid: number) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1'));
    expect(score(pool.pids[0]!)).toBeGreaterThan(score(process.pid));
  });
});
