/**
 * Trains a small network in a process of its own, a step for each line on standard input, and prints the step's number
 * and loss: `tsx test/support/train-step-by-step.ts CHECKPOINT`. It goes on from the checkpoint if there is one, and
 * saves one every few steps.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { floatData } from '../../src/runtime/index.js';
import { chooseTarget, loadCheckpoint, StepRunner, saveCheckpoint } from '../../src/train/index.js';
import { smallBatch, smallStep } from '../../src/train/testing.js';

const SAVE_EVERY = 3;
const RATE = 0.01;

const path = process.argv[2]!;
const runner = await StepRunner.create(smallStep(), await chooseTarget(), { threads: 1 });
let step = 0;
if (existsSync(path)) {
  const { state, progress } = await loadCheckpoint<{ step: number }>(path);
  runner.setState(state);
  step = progress.step;
}
for await (const _ of createInterface({ input: process.stdin })) {
  step++;
  const { outputs } = await runner.update(smallBatch(step), RATE, step);
  if (step % SAVE_EVERY === 0)
    await saveCheckpoint(path, { state: await runner.getState(), progress: { step } });
  console.log(`${step} ${floatData(outputs.loss!)[0]}`);
}
