/** Training steps of Agewise: `agewise.ts NETWORK THREADS (standard | blocked)`. */
import { probeBlockSize } from '../../src/runtime/index.js';
import { benchNetwork } from '../lib/networks.js';
import { OnnxTrainer } from '../lib/onnx-trainer.js';
import { sgdStep } from '../lib/training-step.js';
import { serveSteps } from './serve.js';

const [name, threads, lowering] = process.argv.slice(2) as [string, string, string];
const block = lowering === 'standard' ? undefined : await probeBlockSize();
const trainer = await OnnxTrainer.create(
  sgdStep(benchNetwork(name)),
  block === undefined ? 'standard' : { block },
  Number(threads),
);
const description =
  block === undefined ? 'Agewise, standard operators' : `Agewise, kernels in blocks of ${block}`;
await serveSteps({ description }, () => trainer.train());
await trainer.stop();
