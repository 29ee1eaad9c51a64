/** A run that is killed, again and again, trains as one that is not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floatData } from '../runtime/index.js';
import { chooseTarget, StepRunner } from './index.js';
import { smallBatch, smallStep } from './testing.js';

const SCRIPT = join(import.meta.dirname, '../../test/support/train-step-by-step.ts');
const STEPS = 13;
const RATE = 0.01;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-killed-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The losses by step of a process that is killed in the step after `last`. */
async function killedAfter(last: number, checkpoint: string): Promise<Map<number, number>> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, checkpoint], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  child.stdin.write('\n');
  const losses = new Map<number, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [step, loss] = line.split(' ').map(Number) as [number, number];
    losses.set(step, loss);
    child.stdin.write('\n');
    if (step === last) break;
  }
  child.kill('SIGKILL');
  expect(await closed).toEqual([null, 'SIGKILL']);
  return losses;
}

describe('a run killed in the middle', () => {
  it('has the losses of a whole one, to the bit', async () => {
    const whole = await StepRunner.create(smallStep(), await chooseTarget(), { threads: 1 });
    const expected = new Map<number, number>();
    for (let step = 1; step <= STEPS; step++) {
      const { outputs } = await whole.update(smallBatch(step), RATE, step);
      expected.set(step, floatData(outputs.loss!)[0]!);
    }
    await whole.dispose();

    const checkpoint = join(folder, 'last.safetensors');
    const found = new Map<number, number>();
    // Between two checkpoints; in a step that saves one, at whatever moment of it; after the last step that counts.
    for (const last of [4, 8, STEPS]) {
      const losses = await killedAfter(last, checkpoint);
      for (const [step, loss] of losses) {
        expect(found.get(step) ?? loss, `step ${step}, done twice`).toBe(loss);
        found.set(step, loss);
      }
    }
    expect(found).toEqual(expected);
    expect(new Set(expected.values()).size).toBe(STEPS);
  });
});
