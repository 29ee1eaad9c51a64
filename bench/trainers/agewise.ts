/** Training steps of Agewise: `agewise.ts NETWORK THREADS (standard | auto)`. */
import { floatData, floatTensor } from '../../src/runtime/index.js';
import { chooseTarget, StepRunner } from '../../src/train/index.js';
import { benchNetwork } from '../lib/networks.js';
import { noiseBatch, sgdStep, trainable } from '../lib/training-step.js';
import { serveSteps } from './serve.js';

const [name, threads, lowering] = process.argv.slice(2) as [string, string, string];
const target = await chooseTarget('cpu', lowering);
const network = benchNetwork(name);
const graph = trainable(network);
const runner = await StepRunner.create(sgdStep(graph), target, { threads: Number(threads) });
const values = noiseBatch(graph);
const batch = {
  images: floatTensor(values.images, graph.images),
  target: floatTensor(values.target, graph.target),
};
const description =
  typeof target === 'string'
    ? 'Agewise, standard operators'
    : `Agewise, kernels in blocks of ${target.block}`;
let number = 0;
await serveSteps({ description }, async () => {
  const start = performance.now();
  const { outputs } = await runner.update(batch, network.rate, ++number);
  const milliseconds = performance.now() - start;
  return { milliseconds, loss: floatData(outputs.loss!)[0]! };
});
await runner.dispose();
