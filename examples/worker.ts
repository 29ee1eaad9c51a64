/**
 * Estimates in a thread of its own, as a server does: the networks run for a second on a large photograph, and in the
 * main thread nothing else would be answered meanwhile.
 *
 *     npx tsx examples/worker.ts photo.jpg
 *
 *     3 faces; the event loop was held for 12 ms at most
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AgeEstimator } from 'agewise';

const NANOSECONDS = 1e-6;

const [photo] = process.argv.slice(2);
if (photo === undefined) throw new Error('usage: worker.ts PHOTO');

const estimator = await AgeEstimator.load({ worker: true });
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const { faces } = await estimator.estimate(photo);
delay.disable();
console.log(
  `${faces.length} faces; the event loop was held for ${Math.ceil(delay.max * NANOSECONDS)} ms at most`,
);
await estimator.dispose();
