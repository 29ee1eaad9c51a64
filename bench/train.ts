/**
 * How fast whole training steps run: `npx tsx bench/train.ts [NETWORK...] [--rounds N]`. A step is forward, backward
 * and SGD with momentum in one graph, lowered to standard operators and to blocked kernels, beside PyTorch where it
 * is installed; all take turns in one run, with the same batch and two threads.
 */
import { parseArgs } from 'node:util';
import type { Target } from '../src/lowering/index.js';
import { probeBlockSize } from '../src/runtime/index.js';
import { flopsOf } from './lib/flops.js';
import { type BenchNetwork, mobilenetV1, resnet18, resnet50, wrn16x8 } from './lib/networks.js';
import { matMulPeak, OnnxTrainer } from './lib/onnx-trainer.js';
import { formatTable, percent } from './lib/report.js';
import { median } from './lib/statistics.js';
import { type Contender, timeInterleaved } from './lib/timing.js';
import { hasTorch, TorchTrainer } from './lib/torch.js';
import { sgdStep } from './lib/training-step.js';

const THREADS = 2;
const CLASSES = 101;
/** The first two steps of a session are slow: memory is planned and first touched. */
const WARMUP = 2;
const NETWORKS: readonly BenchNetwork[] = [resnet18, mobilenetV1, wrn16x8, resnet50];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
});

async function compare(network: BenchNetwork, rounds: number, torch: boolean): Promise<readonly string[][]> {
  const step = sgdStep(network, { classes: CLASSES });
  const block = await probeBlockSize();
  const targets: [string, Target][] = [['standard', 'standard']];
  if (block !== undefined) targets.push([`blocks of ${block}`, { block }]);
  const contenders: Record<string, Contender> = {};
  const stops: (() => unknown)[] = [];
  for (const [name, target] of targets) {
    const trainer = await OnnxTrainer.create(step, target, THREADS);
    contenders[name] = () => trainer.train();
    stops.push(() => trainer.stop());
  }
  if (torch) {
    const trainer = await TorchTrainer.start(network, CLASSES, THREADS);
    contenders[`PyTorch ${trainer.version}`] = () => trainer.step();
    stops.push(() => trainer.stop());
  }
  const peak = await matMulPeak(THREADS);
  const times = await timeInterleaved(contenders, { warmup: WARMUP, rounds });
  for (const stop of stops) await stop();
  const flops = flopsOf(step.model);
  const reference = median(Object.entries(times).at(-1)![1]);
  return Object.entries(times).map(([name, all]) => {
    const seconds = median(all) / 1e3;
    return [
      `${network.name}, ${network.size} px, batch ${network.batch}: ${name}`,
      (1e3 * seconds).toFixed(0),
      Math.min(...all).toFixed(0),
      (network.batch / seconds).toFixed(1),
      (flops / seconds / 1e9).toFixed(0),
      percent(flops / seconds / peak),
      (reference / 1e3 / seconds).toFixed(2),
    ];
  });
}

const rounds = Number(values.rounds);
const asked = NETWORKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (asked.length < positionals.length || !(rounds >= 1)) {
  console.error(`Usage: bench/train.ts [${NETWORKS.map(({ name }) => name).join(' | ')}]... [--rounds N]`);
  process.exitCode = 2;
} else {
  const torch = hasTorch();
  if (!torch) console.log('PyTorch is not installed (scripts/debian.sh does it), so it is left out.');
  const rows: string[][] = [];
  for (const network of asked) rows.push(...(await compare(network, rounds, torch)));
  const header = ['step', 'ms', 'min ms', 'images/s', 'GFLOP/s', 'of MatMul', 'ratio to the last'];
  console.log(formatTable(header, rows));
}
