/**
 * Training steps of Agewise: `agewise.ts NETWORK THREADS (standard | auto) [ROUNDING]`. With ROUNDING each pixel of the batch is
 * changed by that share of itself, up or down.
 */
import { floatData, floatTensor } from '../../src/runtime/index.js';
import { chooseTarget, StepRunner } from '../../src/train/index.js';
import { benchNetwork } from '../lib/networks.js';
import { seededRandom } from '../lib/random.js';
import { noiseBatch, sgdStep, trainable } from '../lib/training-step.js';
import { serveSteps } from './serve.js';

const [name, threads, lowering, rounding = '0'] = process.argv.slice(2) as [string, string, string, string?];
const target = await chooseTarget('cpu', lowering);
const network = benchNetwork(name);
const { runner, batch } = await start();
// The initial weights, which PyTorch also frees once the model has its own.
globalThis.gc?.();
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

async function start() {
  const graph = trainable(network);
  const runner = await StepRunner.create(sgdStep(graph), target, { threads: Number(threads) });
  const values = noiseBatch(graph);
  const random = seededRandom(2);
  const rounded = (value: number) => value * (1 + (random() < 0.5 ? -1 : 1) * Number(rounding));
  const images = Number(rounding) > 0 ? values.images.map(rounded) : values.images;
  return {
    runner,
    batch: {
      images: floatTensor(images, graph.images),
      target: floatTensor(values.target, graph.target),
    },
  };
}
