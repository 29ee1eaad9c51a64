/**
 * A trainer in a process of its own: says that it is ready, then makes one step for each line on standard input and
 * answers with its time and loss. Every line that it prints is JSON.
 */
import { createInterface } from 'node:readline';

export interface Ready {
  /** What trains, in words: engine, version, device. */
  readonly description: string;
}

export interface Step {
  readonly milliseconds: number;
  /** Of the batch, before the update. */
  readonly loss: number;
}

export async function serveSteps(ready: Ready, step: () => Promise<Step>): Promise<void> {
  const print = (line: Ready | Step) => process.stdout.write(`${JSON.stringify(line)}\n`);
  print(ready);
  for await (const _ of createInterface({ input: process.stdin })) print(await step());
}
