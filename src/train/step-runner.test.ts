import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Target } from '../lowering/index.js';
import { type Model, type Tensor, tensorValues } from '../onnx/index.js';
import { floatData } from '../runtime/index.js';
import { probeBlockSize } from '../runtime/probe.js';
import { Session } from '../runtime/session.js';
import { HostMemory } from './host-memory.js';
import { loadCheckpoint, StepRunner, saveCheckpoint } from './index.js';
import { BATCH, smallBatch, smallStep } from './testing.js';

const RATE = 0.01;

async function losses(runner: StepRunner, from: number, to: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = from; n <= to; n++) {
    const { outputs } = await runner.update(smallBatch(n), RATE, n);
    found.push(floatData(outputs.loss!)[0]!);
  }
  return found;
}

const values = (state: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...state].map(([name, t]) => [name, [...(tensorValues(t) as Float32Array)]]));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-runner-'));
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => rm(folder, { recursive: true }));

const block = await probeBlockSize();
const targets: [string, Target][] = [['standard operators', 'standard']];
if (block !== undefined) targets.push([`blocks of ${block}`, { block }]);

describe.each(targets)('a run on %s', (name, target) => {
  const create = (step = smallStep()) => StepRunner.create(step, target, { threads: 1 });

  it('continues to the bit if it is resumed from a checkpoint', async () => {
    const whole = await create();
    const expected = await losses(whole, 1, 8);
    const path = join(folder, `${name}.safetensors`);
    const first = await create();
    await losses(first, 1, 4);
    await saveCheckpoint(path, { state: await first.getState(), progress: { step: 4 } });
    const second = await create();
    const { state, progress } = await loadCheckpoint<{ step: number }>(path);
    second.setState(state);
    expect(await losses(second, progress.step + 1, 8)).toEqual(expected.slice(4));
    expect(new Set(expected).size).toBe(8);
    await Promise.all([whole, first, second].map((r) => r.dispose()));
  });

  it('starts no step once it is aborted, and continues as if nothing had been', async () => {
    const [whole, aborted] = [await create(), await create()];
    const expected = await losses(whole, 1, 5);
    await losses(aborted, 1, 3);
    const before = values(await aborted.getState());
    const controller = new AbortController();
    const reason = new Error('enough');
    controller.abort(reason);
    const update = aborted.update(smallBatch(4), RATE, 4, { signal: controller.signal });
    await expect(update).rejects.toBe(reason);
    expect(values(await aborted.getState())).toEqual(before);
    expect(await losses(aborted, 4, 5)).toEqual(expected.slice(3));
    await Promise.all([whole.dispose(), aborted.dispose()]);
  });

  it('finishes the step during which it is aborted', async () => {
    const runner = await create();
    const controller = new AbortController();
    const running = runner.update(smallBatch(1), RATE, 1, { signal: controller.signal });
    controller.abort();
    await expect(running).resolves.toHaveProperty('outputs.loss');
    await runner.dispose();
  });

  it('keeps its state if a step fails', async () => {
    const runner = await create();
    await losses(runner, 1, 2);
    const before = values(await runner.getState());
    const { x } = smallBatch(3);
    await expect(runner.update({ x: x!, y: smallBatch(3, 0, 4).y! }, RATE, 3)).rejects.toThrow(
      /^Model 'training step' failed/,
    );
    expect(values(await runner.getState())).toEqual(before);
    await runner.dispose();
  });

  it('returns states that later steps leave alone', async () => {
    const runner = await create();
    const state = await runner.getState();
    const before = values(state);
    await losses(runner, 1, 3);
    expect(values(state)).toEqual(before);
    expect(values(await runner.getState())).not.toEqual(before);
    await runner.dispose();
  });

  it('takes micro-batches for the whole', async () => {
    const micro = BATCH / 4;
    const options = { accumulate: true, gradientNorm: true };
    const whole = await create(smallStep(options));
    const parts = await create(smallStep({ batch: micro, ...options }));
    for (let n = 1; n <= 3; n++) {
      const rows = [0, 1, 2, 3].map((k) => smallBatch(n, k * micro, (k + 1) * micro));
      const [one, all] = [await whole.update(smallBatch(n), RATE, n), await parts.update(rows, RATE, n)];
      expect(all.earlier).toHaveLength(3);
      const means = [...all.earlier, all.outputs].map(({ loss }) => floatData(loss!)[0]! / 4);
      const [loss] = floatData(one.outputs.loss!);
      expect(means.reduce((a, b) => a + b) / loss!).toBeCloseTo(1, 4);
      expect(all.gradientNorm! / one.gradientNorm!).toBeCloseTo(1, 4);
    }
    expect([...(await parts.getState()).keys()].some((key) => key.startsWith('accumulator'))).toBe(false);
    await Promise.all([whole.dispose(), parts.dispose()]);
  });
});

describe('a run', () => {
  it.skipIf(block === undefined)('started on blocked kernels continues with standard operators', async () => {
    const blocked = await StepRunner.create(smallStep(), { block: block! });
    const plain = await StepRunner.create(smallStep(), 'standard');
    await losses(blocked, 1, 3);
    plain.setState(await blocked.getState());
    const [a, b] = [await losses(blocked, 4, 8), await losses(plain, 4, 8)];
    a.forEach((loss, i) => {
      expect(Math.abs(loss - b[i]!)).toBeLessThan(1e-3 * loss);
    });
    await Promise.all([blocked.dispose(), plain.dispose()]);
  });

  it('names what a state of another network lacks', async () => {
    const runner = await StepRunner.create(smallStep(), 'standard');
    expect(() => runner.setState(new Map())).toThrow(
      /must have 'mean' of shape \[16\], found none|must have 'stem' of shape \[16, 3, 3, 3\], found none/,
    );
    await runner.dispose();
  });

  it('returns the kinds of tensors that are requested', async () => {
    const runner = await StepRunner.create(smallStep(), 'standard');
    const kinds = new Map(smallStep().state.map(({ name, kind }) => [name, kind]));
    const state = await runner.getState(['weight', 'statistic']);
    expect(new Set([...state.keys()].map((name) => kinds.get(name)))).toEqual(
      new Set(['weight', 'statistic']),
    );
    await runner.dispose();
  });

  const withoutOperator = (model: Model): Model => {
    const nodes = model.graph.nodes.map((node, i) => (i === 0 ? { ...node, op: 'NoSuchOperator' } : node));
    return { ...model, graph: { ...model.graph, nodes } };
  };

  it.each([
    ['whole', 0],
    ['accumulate', 1],
  ] as const)(
    'that cannot be loaded leaves no session and no memory behind: graph %s',
    async (graph, sessions) => {
      const [session, memory] = [Session, HostMemory].map((made) => vi.spyOn(made.prototype, 'dispose'));
      const step = smallStep({ accumulate: true });
      const broken =
        graph === 'whole'
          ? { ...step, model: withoutOperator(step.model) }
          : { ...step, accumulate: withoutOperator(step.accumulate!) };
      await expect(StepRunner.create(broken, 'standard')).rejects.toThrow('NoSuchOperator');
      expect(session).toHaveBeenCalledTimes(sessions);
      expect(memory).toHaveBeenCalledOnce();
    },
  );

  it('whose first state cannot be written leaves no session and no memory behind', async () => {
    const session = vi.spyOn(Session.prototype, 'dispose');
    const memory = vi.spyOn(HostMemory.prototype, 'dispose');
    vi.spyOn(HostMemory.prototype, 'write').mockImplementation(() => {
      throw new Error('no room');
    });
    await expect(StepRunner.create(smallStep({ accumulate: true }), 'standard')).rejects.toThrow('no room');
    expect(session).toHaveBeenCalledTimes(2);
    expect(memory).toHaveBeenCalledOnce();
  });

  it('frees its sessions also if its memory cannot be freed, and says that', async () => {
    const runner = await StepRunner.create(smallStep({ accumulate: true }), 'standard');
    const session = vi.spyOn(Session.prototype, 'dispose');
    vi.spyOn(HostMemory.prototype, 'dispose').mockRejectedValue(new Error('device lost'));
    await expect(runner.dispose()).rejects.toThrow('device lost');
    expect(session).toHaveBeenCalledTimes(2);
  });

  it('takes one step at a time, and no list that it cannot add up', async () => {
    const runner = await StepRunner.create(smallStep(), 'standard');
    const running = runner.update(smallBatch(1), RATE, 1);
    await expect(runner.update(smallBatch(2), RATE, 2)).rejects.toThrow('A step is still running');
    await running;
    await expect(runner.update([smallBatch(2), smallBatch(3)], RATE, 2)).rejects.toThrow(
      'A step that does not accumulate takes one batch, found 2',
    );
    await runner.dispose();
  });
});
